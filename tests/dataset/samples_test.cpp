// Calibration folders: what is found, in which order, and what is said of wrong ones.
#include "dataset/samples.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "material.h"

namespace espalier {
namespace {

void touch(const std::string& path) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  ASSERT_TRUE(write_file(path, bytes_of("x")).ok());
}

std::string message(const Result<SampleList>& list) { return list.ok() ? "no error" : list.error().message(); }
std::string message(const Result<std::vector<std::string>>& list) {
  return list.ok() ? "no error" : list.error().message();
}

TEST(samples, pictures_are_sorted_by_path_and_found_in_subfolders) {
  const ScratchFolder scratch;
  for (const std::string name : {"b.JPG", "a.png", "sub/c.bmp", "d.jpeg", "notes.txt", "._b.jpg", ".cache/e.jpg"})
    touch(scratch.path(name));
  const Result<SampleList> list = list_samples(scratch.root());
  ASSERT_TRUE(list.ok()) << list.error().message();
  EXPECT_EQ(list->kind, SampleKind::image);
  EXPECT_EQ(list->paths, (std::vector<std::string>{scratch.path("a.png"), scratch.path("b.JPG"), scratch.path("d.jpeg"),
                                                   scratch.path("sub/c.bmp")}));
}

TEST(samples, archives_and_single_files_are_lists_too) {
  const ScratchFolder scratch;
  touch(scratch.path("b.npz"));
  touch(scratch.path("a.npz"));
  EXPECT_EQ(list_samples(scratch.root())->paths.size(), 2u);
  EXPECT_EQ(list_samples(scratch.root())->kind, SampleKind::npz);
  EXPECT_EQ(list_samples(scratch.path("a.npz"))->paths, std::vector<std::string>{scratch.path("a.npz")});
}

TEST(samples, wrong_folders_are_named) {
  const ScratchFolder scratch;
  EXPECT_EQ(message(list_samples(scratch.root())),
            "calibration folder " + scratch.root() + " holds no image (.jpg .jpeg .png .bmp) and no .npz file");
  EXPECT_EQ(message(list_samples(scratch.path("none"))), scratch.path("none") + ": there is no such file or folder");
  touch(scratch.path("a.txt"));
  EXPECT_EQ(message(list_samples(scratch.path("a.txt"))),
            scratch.path("a.txt") + ": is neither an image (.jpg .jpeg .png .bmp) nor an .npz file");
  touch(scratch.path("a.npz"));
  touch(scratch.path("a.png"));
  EXPECT_NE(message(list_samples(scratch.root())).find("holds 1 images and 1 .npz files; keep one kind"),
            std::string::npos);
}

TEST(samples, selection_takes_first_step_count) {
  const std::vector<std::string> paths = {"0", "1", "2", "3", "4", "5", "6"};
  EXPECT_EQ(*select(paths, {}), paths);
  EXPECT_EQ(*select(paths, {.first = 1, .step = 2}), (std::vector<std::string>{"1", "3", "5"}));
  EXPECT_EQ(*select(paths, {.first = 0, .step = 3, .count = 2}), (std::vector<std::string>{"0", "3"}));
  EXPECT_EQ(*select(paths, {.first = 6}), (std::vector<std::string>{"6"}));
}

TEST(samples, impossible_selections_are_errors) {
  const std::vector<std::string> paths = {"0", "1", "2", "3", "4"};
  EXPECT_EQ(message(select(paths, {.first = 5})), "the first sample is number 5 (from 0), but there are only 5");
  EXPECT_EQ(message(select(paths, {.first = 1, .step = 2, .count = 3})),
            "3 samples are asked for, but from number 1 in steps of 2 only 2 of 5 can be reached");
  EXPECT_EQ(message(select(paths, {.first = -1})), "the first sample must be 0 or more, is -1");
  EXPECT_EQ(message(select(paths, {.step = 0})), "the step between samples must be 1 or more, is 0");
  EXPECT_EQ(message(select(paths, {.count = -2})), "the number of samples must be 0 (all) or more, is -2");
}

}  // namespace
}  // namespace espalier
