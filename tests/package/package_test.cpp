// Packages: round trip, equal bytes, and no damaged or foreign byte that goes unseen.
#include "package/package.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include "graphs.h"
#include "package/container.h"

namespace espalier::package {
namespace {

constexpr const char* kText =
    "%x = input s8[1,4,4,2]{scale=0.05,zero_point=-3} user=f32[1,2,4,4] permutation=[0,2,3,1] @\"image\"\n"
    "%c = conv2d %x w=s8:random(1)[3,3,3,2]{scale=[0.01,0.02,0.03],axis=0,zero_point=0} bias=s32:values(10,-20,30)[3] "
    "activation=\"clip\" clip_min=0.0 clip_max=6.0 padding=[1,1,1,1] -> s8[1,4,4,3]{scale=0.1,zero_point=-128} "
    "@\"block/conv\"\n"
    "%d = dequantize %c\n"
    "output %d @\"scores\"\n";

Package example() {
  Package package;
  package.graph = graph_of(kText);
  package.producer = "a test";
  package.model_hash[0] = 1;
  package.calibration_hash[15] = 2;
  package.labels = {"cat", "dog"};
  package.recipe = Recipe{};
  package.recipe->height = package.recipe->width = 4;
  package.recipe->filter = Recipe::Filter::bicubic;
  package.recipe->mul = {0.5f, 1.0f / 3.0f, 2.0f};
  package.recipe->input = "image";
  Golden golden;
  golden.inputs.push_back(random_tensor(5, package.graph.inputs()[0].value->type));
  golden.output_hashes.assign(2, Hash128{7});
  package.golden = std::move(golden);
  return package;
}

Result<Package> parsed(const std::vector<uint8_t>& bytes) { return parse(bytes, nullptr, "test.esp"); }

TEST(package, what_was_written_is_read) {
  const Package written = example();
  const std::vector<uint8_t> bytes = serialize(written);
  const Result<Package> read = parsed(bytes);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(text_of(read->graph), text_of(written.graph));
  EXPECT_EQ(read->producer, written.producer);
  EXPECT_EQ(read->model_hash, written.model_hash);
  EXPECT_EQ(read->calibration_hash, written.calibration_hash);
  EXPECT_EQ(read->labels, written.labels);
  EXPECT_EQ(read->recipe->mul, written.recipe->mul);
  EXPECT_EQ(read->recipe->filter, written.recipe->filter);
  EXPECT_EQ(read->recipe->input, "image");
  EXPECT_EQ(read->golden->output_hashes, written.golden->output_hashes);
  EXPECT_EQ(constant_hash(read->golden->inputs[0]), constant_hash(written.golden->inputs[0]));
  EXPECT_TRUE(check_hashes(bytes)->empty());
}

TEST(package, equal_contents_give_equal_bytes) {
  EXPECT_EQ(serialize(example()), serialize(example()));
  EXPECT_EQ(serialize(*parsed(serialize(example()))), serialize(example()));
}

TEST(package, every_changed_byte_is_noticed) {
  std::vector<uint8_t> bytes = serialize(example());
  for (size_t i = 0; i < bytes.size(); ++i)
    for (const uint8_t change : {uint8_t{1}, uint8_t{128}, uint8_t{255}}) {
      bytes[i] ^= change;
      const Result<Package> read = parsed(bytes);
      if (read.ok()) {
        const Result<std::vector<std::string>> differing = check_hashes(bytes);
        ASSERT_TRUE(differing.ok());
        EXPECT_FALSE(differing->empty()) << "byte " << i;
      } else {
        EXPECT_TRUE(read.error().message().starts_with("test.esp: ")) << read.error().message();
      }
      bytes[i] ^= change;
    }
}

TEST(package, every_cut_is_noticed) {
  const std::vector<uint8_t> bytes = serialize(example());
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(parsed({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)}).ok()) << size;
  std::vector<uint8_t> longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(parsed(longer).ok());
}

TEST(package, a_later_format_version_is_refused) {
  std::vector<uint8_t> bytes = serialize(example());
  bytes[8] = 2;
  EXPECT_EQ(parsed(bytes).error().message(),
            "test.esp: the package has format version 2, this espalier reads 1 to 1. Use the version that wrote it, or "
            "compile the model again");
}

TEST(package, something_else_is_refused) {
  EXPECT_EQ(parsed(std::vector<uint8_t>(100, 'x')).error().message(),
            "test.esp: this is no espalier package: it does not begin with \"ESPALIER\"");
  EXPECT_FALSE(parsed({}).ok());
}

// A package with right hashes and one wrong thing inside.
std::string said(Package package) {
  const Result<Package> read = parsed(serialize(package));
  return read.ok() ? "" : read.error().message();
}

TEST(package, a_graph_that_is_invalid_is_refused) {
  Package package = example();
  value_of(package.graph, "c")->quantization->scales[0] = 0;
  EXPECT_EQ(said(std::move(package)), "test.esp: value c: scale 0 is not a positive number");
}

TEST(package, attributes_of_another_kind_are_refused) {
  Package package = example();
  package.graph.nodes()[0]->attributes["groups"] = 1.0f;
  EXPECT_EQ(said(std::move(package)),
            "test.esp: node \"block/conv\" (conv2d): attribute \"groups\" must be a whole number");
}

TEST(package, a_golden_case_of_another_size_is_refused) {
  Package package = example();
  package.golden->inputs[0] = random_tensor(1, {DataType::s8, {3}});
  EXPECT_EQ(said(std::move(package)), "test.esp: the golden input 0 has 3 bytes, 32 are needed");
}

TEST(package, an_impossible_recipe_is_refused) {
  Package package = example();
  package.recipe->height = int64_t{1} << 40;
  EXPECT_EQ(said(std::move(package)), "test.esp: the preprocessing recipe makes pictures of 1099511627776 x 4");
}

}  // namespace
}  // namespace espalier::package
