// The three kinds of labelled sets, and the line that is named when one is wrong.
#include "dataset/labels.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "dataset/image_file.h"
#include "material.h"

namespace espalier {
namespace {

void put(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  ASSERT_TRUE(write_file(path, bytes_of(text)).ok());
}

template <class T>
std::string message(const Result<T>& result) {
  return result.ok() ? "no error" : result.error().message();
}

TEST(labels, class_folders_count_in_sorted_order) {
  const ScratchFolder scratch;
  for (const std::string name : {"dog/1.jpg", "cat/2.jpg", "cat/1.jpg", "ant/readme.txt"}) put(scratch.path(name), "x");
  const Result<std::vector<LabelledImage>> images = read_class_folders(scratch.root());
  ASSERT_TRUE(images.ok()) << images.error().message();
  ASSERT_EQ(images->size(), 3u);
  EXPECT_EQ((*images)[0].path, scratch.path("cat/1.jpg"));
  EXPECT_EQ((*images)[0].class_index, 1);
  EXPECT_EQ((*images)[2].class_index, 2);
}

TEST(labels, numbered_class_folders_are_the_index) {
  const ScratchFolder scratch;
  for (const std::string name : {"10/a.jpg", "2/a.jpg"}) put(scratch.path(name), "x");
  const Result<std::vector<LabelledImage>> images = read_class_folders(scratch.root());
  ASSERT_TRUE(images.ok()) << images.error().message();
  EXPECT_EQ((*images)[0].class_index, 10);
  EXPECT_EQ((*images)[1].class_index, 2);
}

TEST(labels, wrong_class_folders_are_errors) {
  const ScratchFolder scratch;
  EXPECT_NE(message(read_class_folders(scratch.root())).find("holds no class folders"), std::string::npos);
  std::filesystem::create_directories(scratch.path("cat"));
  EXPECT_NE(message(read_class_folders(scratch.root())).find("its 1 class folders hold no image"), std::string::npos);
  EXPECT_NE(message(read_class_folders(scratch.path("none"))).find("cannot be listed"), std::string::npos);
}

TEST(labels, a_table_names_pictures_and_classes) {
  const ScratchFolder scratch;
  put(scratch.path("a.jpg"), "x");
  put(scratch.path("b, c.jpg"), "x");
  put(scratch.path("labels.csv"), "name,class\r\n# a comment\n\nb, c.jpg, 7\na.jpg,0\n");
  const Result<std::vector<LabelledImage>> images = read_class_table(scratch.path("labels.csv"), scratch.root());
  ASSERT_TRUE(images.ok()) << images.error().message();
  ASSERT_EQ(images->size(), 2u);
  EXPECT_EQ((*images)[0].path, scratch.path("b, c.jpg"));
  EXPECT_EQ((*images)[0].class_index, 7);
}

TEST(labels, a_wrong_table_names_the_line) {
  const ScratchFolder scratch;
  const std::string table = scratch.path("labels.csv");
  put(scratch.path("a.jpg"), "x");
  const auto said = [&](const std::string& text) {
    put(table, text);
    return message(read_class_table(table, scratch.root()));
  };
  EXPECT_EQ(said("a.jpg,1\na.jpg\n"), table + ": line 2: \"a.jpg\" is not \"name,class\"");
  EXPECT_EQ(said("a.jpg,cat\n"), table + ": line 1: \"cat\" is no class index (0, 1, ...)");
  EXPECT_EQ(said("a.jpg,-1\n"), table + ": line 1: \"-1\" is no class index (0, 1, ...)");
  EXPECT_EQ(said("z.jpg,1\n"), table + ": line 1: there is no picture " + scratch.path("z.jpg"));
  EXPECT_EQ(said("\n"), table + ": holds no line \"name,class\"");
}

TEST(labels, yolo_boxes_become_pixels) {
  const ScratchFolder scratch;
  put(scratch.path("images/train/a.jpg"), "x");
  put(scratch.path("images/train/b.png"), "x");
  put(scratch.path("labels/train/a.txt"), "3 0.5 0.25 0.5 0.1\n\n0 1 1 0 0\n");
  const Result<std::vector<LabelledImage>> images = read_yolo_folder(scratch.root());
  ASSERT_TRUE(images.ok()) << images.error().message();
  ASSERT_EQ(images->size(), 2u);
  ASSERT_EQ((*images)[0].boxes.size(), 2u);
  EXPECT_TRUE((*images)[1].boxes.empty());
  const LabelledBox box = boxes_in_pixels((*images)[0].boxes, 200, 400)[0];
  EXPECT_EQ(box.class_index, 3);
  EXPECT_DOUBLE_EQ(box.left, 100);
  EXPECT_DOUBLE_EQ(box.right, 300);
  EXPECT_DOUBLE_EQ(box.top, 40);
  EXPECT_DOUBLE_EQ(box.bottom, 60);
}

TEST(labels, wrong_yolo_folders_are_errors) {
  const ScratchFolder scratch;
  EXPECT_NE(message(read_yolo_folder(scratch.root())).find("images: there is no such file or folder"),
            std::string::npos);
  put(scratch.path("images/a.jpg"), "x");
  EXPECT_NE(message(read_yolo_folder(scratch.root())).find("none of its 1 pictures has a text file"),
            std::string::npos);
  const std::string label = scratch.path("labels/a.txt");
  put(label, "0 0.1 0.1 0.2 0.2\n0 0.5 0.5 0.5\n");
  EXPECT_EQ(message(read_yolo_folder(scratch.root())),
            label + ": line 2: has 4 values; a box has 5: class center_x center_y width height");
  put(label, "0 120 80 30 40\n");
  EXPECT_EQ(message(read_yolo_folder(scratch.root())),
            label + ": line 1: \"120\" is no share of the picture between 0 and 1");
  put(label, "0 nan 0.5 0.5 0.5\n");
  EXPECT_FALSE(read_yolo_folder(scratch.root()).ok());
  put(label, "1.0 0.5 0.5 0.5 0.5\n");
  EXPECT_EQ(message(read_yolo_folder(scratch.root())), label + ": line 1: \"1.0\" is no class index");
}

TEST(labels, class_names_are_lines) {
  const ScratchFolder scratch;
  put(scratch.path("names.txt"), "\xEF\xBB\xBFtench, Tinca tinca\r\ngoldfish\n\n");
  EXPECT_EQ(*read_class_names(scratch.path("names.txt")), (std::vector<std::string>{"tench, Tinca tinca", "goldfish"}));
  put(scratch.path("names.txt"), "\n");
  EXPECT_FALSE(read_class_names(scratch.path("names.txt")).ok());
  put(scratch.path("symbols.txt"), "a\n \r\n  b \n \n\n");
  EXPECT_EQ(*read_class_names(scratch.path("symbols.txt")), (std::vector<std::string>{"a", " ", "b", " "}));
}

TEST(labels, the_shared_detection_set_reads) {
  SHARED_FOLDER_OR_SKIP(shared);
  const Result<std::vector<LabelledImage>> images = read_yolo_folder(*shared + "/images/coco128");
  ASSERT_TRUE(images.ok()) << images.error().message();
  EXPECT_EQ(images->size(), 128u);
}

TEST(labels, bodies_are_boxes_with_key_points) {
  const ScratchFolder scratch;
  put(scratch.path("images/a.jpg"), "x");
  put(scratch.path("labels/a.txt"), "0 0.5 0.5 0.2 0.4  0.5 0.25 2  0 0 0\n");
  const Result<std::vector<LabelledImage>> images = read_body_folder(scratch.root());
  ASSERT_TRUE(images.ok()) << images.error().message();
  const std::vector<LabelledBody> bodies = bodies_in_pixels((*images)[0].bodies, 100, 200);
  ASSERT_EQ(bodies.size(), 1u);
  EXPECT_DOUBLE_EQ(bodies[0].box.left, 80);
  EXPECT_DOUBLE_EQ(bodies[0].points[0].x, 100);
  EXPECT_DOUBLE_EQ(bodies[0].points[0].y, 25);
  EXPECT_TRUE(bodies[0].points[0].is_labelled);
  EXPECT_FALSE(bodies[0].points[1].is_labelled);
}

TEST(labels, wrong_bodies_name_the_line) {
  const ScratchFolder scratch;
  put(scratch.path("images/a.jpg"), "x");
  const auto say = [&](const std::string& text) {
    put(scratch.path("labels/a.txt"), text);
    return message(read_body_folder(scratch.root()));
  };
  EXPECT_NE(say("0 0.5 0.5 0.2 0.4\n").find("line 1: has 5 values; a body has 5 and 3 for every key point"),
            std::string::npos);
  EXPECT_NE(say("\n0 0.5 0.5 0.2 0.4 0.5 0.5 3\n").find("line 2: \"3\" is no visibility"), std::string::npos);
  EXPECT_NE(say("0 0.5 0.5 0.2 0.4 50 0.5 2\n").find("\"50\" is no share"), std::string::npos);
  EXPECT_NE(say("0 0.5 0.5 0.2 0.4 nan 0.5 2\n").find("is no share"), std::string::npos);
  EXPECT_NE(say("0 .5 .5 .2 .4 .5 .5 2\n0 .5 .5 .2 .4 .5 .5 2 .5 .5 2\n")
                .find("a body has 2 key points, those before have 1"),
            std::string::npos);
}

TEST(labels, a_table_of_texts_parts_at_the_first_comma) {
  const ScratchFolder scratch;
  put(scratch.path("a.png"), "x");
  put(scratch.path("texts.csv"), "name,text\na.png,one, two\na.png,\n");
  const Result<std::vector<LabelledImage>> images = read_text_table(scratch.path("texts.csv"), scratch.root());
  ASSERT_TRUE(images.ok()) << images.error().message();
  ASSERT_EQ(images->size(), 2u);
  EXPECT_EQ((*images)[0].text, "one, two");
  EXPECT_EQ((*images)[1].text, "");
  put(scratch.path("texts.csv"), "a.png\n");
  EXPECT_NE(message(read_text_table(scratch.path("texts.csv"), scratch.root())).find("line 1: \"a.png\" is not"),
            std::string::npos);
  put(scratch.path("texts.csv"), "b.png,x\n");
  EXPECT_NE(message(read_text_table(scratch.path("texts.csv"), scratch.root())).find("there is no picture"),
            std::string::npos);
}

TEST(labels, masks_are_grey_pictures_beside_those_that_have_one) {
  const ScratchFolder scratch;
  for (const std::string name : {"images/a.jpg", "images/b.jpg", "masks/b.png", "masks/c.png"})
    put(scratch.path(name), "x");
  const Result<std::vector<LabelledImage>> images = read_mask_folder(scratch.root());
  ASSERT_TRUE(images.ok()) << images.error().message();
  ASSERT_EQ(images->size(), 1u);
  EXPECT_EQ((*images)[0].mask_path, scratch.path("masks/b.png"));

  ASSERT_TRUE(write_png(scratch.path("m.png"), {1, 2, {0, 0, 0, 7, 7, 7}}).ok());
  const Result<LabelledMask> mask = read_mask(scratch.path("m.png"));
  ASSERT_TRUE(mask.ok()) << mask.error().message();
  EXPECT_EQ(mask->classes, (std::vector<uint8_t>{0, 7}));
  ASSERT_TRUE(write_png(scratch.path("m.png"), {1, 2, {0, 0, 0, 7, 7, 8}}).ok());
  EXPECT_NE(message(read_mask(scratch.path("m.png"))).find("the pixel at column 1, row 0 is coloured"),
            std::string::npos);
}

TEST(labels, folders_without_a_pair_of_picture_and_mask_are_errors) {
  const ScratchFolder scratch;
  EXPECT_FALSE(read_mask_folder(scratch.root()).ok());
  put(scratch.path("images/a.jpg"), "x");
  put(scratch.path("masks/b.png"), "x");
  EXPECT_NE(message(read_mask_folder(scratch.root())).find("no picture of images/ has a mask of the same name"),
            std::string::npos);
}

}  // namespace
}  // namespace espalier
