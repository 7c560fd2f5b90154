# The PyTorch modules that are exported: name, how it is made, shapes of its inputs.
import torch

import torch_convolutional as convolutional
import torch_habits as habits
import torch_heads as heads
import torch_transformers as transformers

PICTURE = {"x": (1, 3, 32, 32)}

MODULES = {
    "aspp": (convolutional.Aspp, PICTURE),
    "block_attention": (convolutional.BlockAttention, PICTURE),
    "bottleneck": (convolutional.Bottleneck, {"x": (1, 3, 64, 64)}),
    "convnext": (convolutional.ConvNeXtBlock, PICTURE),
    "convnext_v2": (convolutional.ConvNeXtV2Block, PICTURE),
    "coordinate_attention": (convolutional.CoordinateAttention, {"x": (1, 3, 32, 48)}),
    "efficientnet": (convolutional.EfficientNetBlock, PICTURE),
    "ghost": (convolutional.GhostModule, PICTURE),
    "inverted_residual": (convolutional.InvertedResidual, PICTURE),
    "mobilenet_v3": (convolutional.MobileNetV3Block, PICTURE),
    "repvgg": (convolutional.RepVGGBlock, PICTURE),
    "resnext": (convolutional.ResNeXtBlock, PICTURE),
    "shuffle": (convolutional.ShuffleUnit, PICTURE),
    "spatial_transformer": (convolutional.SpatialTransformer, PICTURE),
    "super_resolution": (convolutional.SuperResolution, PICTURE),
    "unet": (convolutional.UNet, PICTURE),
    "bifpn": (heads.BiFpn, PICTURE),
    "c2f": (heads.C2f, PICTURE),
    "center_head": (heads.CenterHead, PICTURE),
    "decoupled_head": (heads.DecoupledHead, PICTURE),
    "detect_v5": (heads.DetectV5, PICTURE),
    "detect_v8": (heads.DetectV8, PICTURE),
    "feature_pyramid": (heads.FeaturePyramid, PICTURE),
    "focus": (heads.Focus, PICTURE),
    "position_attention": (heads.PositionAttention, PICTURE),
    "text_recogniser": (heads.TextRecogniser, {"x": (1, 3, 16, 64)}),
    "array_habits": (habits.ArrayHabits, PICTURE),
    "deformable_decoder": (habits.DeformableDecoder, PICTURE),
    "dense_prediction": (habits.DensePrediction, PICTURE),
    "global_context": (habits.GlobalContext, PICTURE),
    "heat_maps": (habits.HeatMaps, PICTURE),
    "maxvit": (habits.MaxViT, PICTURE),
    "mixer": (habits.Mixer, PICTURE),
    "norm_free": (habits.NormFree, PICTURE),
    "pyramid_pooling": (habits.PyramidPooling, {"x": (1, 3, 48, 48)}),
    "split_attention": (habits.SplitAttention, PICTURE),
    "cross_attention": (transformers.CrossAttention, {"template": (1, 3, 16, 16), "search": (1, 3, 32, 32)}),
    "detr": (transformers.Detr, PICTURE),
    "linear_attention": (transformers.LinearAttention, PICTURE),
    "mobilevit": (transformers.MobileViT, PICTURE),
    "poolformer": (transformers.PoolFormer, PICTURE),
    "rotary": (transformers.RotaryBlock, PICTURE),
    "segformer": (transformers.SegFormer, PICTURE),
    "separable_attention": (transformers.SeparableAttention, PICTURE),
    "swin": (transformers.Swin, PICTURE),
    "vit_fused": (lambda: transformers.VisionTransformer(transformers.FusedAttention), PICTURE),
    "vit_spelled": (lambda: transformers.VisionTransformer(transformers.SpelledAttention), PICTURE),
}


def made(name):
    """The module with seeded weights, for inference. Signals keep their size through the layers, so that an error in one
    of them reaches the output; norms hold what a trained network's would: no zeros, no ones."""
    torch.manual_seed(sum(name.encode()))
    module = MODULES[name][0]().eval().requires_grad_(False)
    for layer in module.modules():
        if isinstance(layer, (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.ConvTranspose2d, torch.nn.Linear)) and not hasattr(layer, "keeps_weight"):
            torch.nn.init.kaiming_normal_(layer.weight)
        elif isinstance(layer, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):
            layer.running_mean.normal_(0, 0.2)
            layer.running_var.uniform_(0.5, 1.5)
            layer.weight.uniform_(0.5, 1.5)
            layer.bias.normal_(0, 0.2)
        elif isinstance(layer, (torch.nn.LayerNorm, torch.nn.GroupNorm)):
            layer.weight.uniform_(0.5, 1.5)
            layer.bias.normal_(0, 0.2)
    return module
