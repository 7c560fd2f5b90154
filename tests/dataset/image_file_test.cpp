// Every format gives the pixels that Pillow gives; damaged, oversized and foreign files give a sentence.
#include "dataset/image_file.h"

#include <gtest/gtest.h>

#include "dataset/npz.h"
#include "material.h"
#include "numerics/seed.h"

namespace espalier {
namespace {

const std::string kFixtures = fixture("dataset/fixtures/");

std::vector<uint8_t> bytes_of_file(const std::string& path) {
  const Result<MappedFile> file = MappedFile::open(path);
  EXPECT_TRUE(file.ok()) << file.error().message();
  return {file->bytes().begin(), file->bytes().end()};
}

std::string message(const Result<Image>& image) { return image.ok() ? "no error" : image.error().message(); }

Image small_picture() {
  Image image{5, 7, std::vector<uint8_t>(5 * 7 * 3)};
  for (size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<uint8_t>(i * 37);
  return image;
}

TEST(image_file, pixels_are_those_of_pillow) {
  const Result<std::vector<NamedTensor>> expected = read_npz(kFixtures + "pixels_by_pillow.npz");
  ASSERT_TRUE(expected.ok()) << expected.error().message();
  ASSERT_EQ(expected->size(), 18u);
  for (const NamedTensor& picture : *expected) {
    const Result<Image> image = read_image(kFixtures + picture.name);
    ASSERT_TRUE(image.ok()) << image.error().message();
    ASSERT_EQ((Shape{image->height, image->width, 3}), picture.tensor.shape()) << picture.name;
    // Inks are multiplied with one rounding here; Pillow's own formula for CMYK differs by one at most.
    const int tolerance = picture.name == "cmyk.jpg" ? 1 : 0;
    int worst = 0;
    for (size_t i = 0; i < image->rgb.size(); ++i)
      worst = std::max(worst, std::abs(image->rgb[i] - picture.tensor.data<uint8_t>()[i]));
    EXPECT_LE(worst, tolerance) << picture.name;
  }
}

TEST(image_file, png_reads_back_to_the_same_pixels) {
  const ScratchFolder scratch;
  const Image image = small_picture();
  ASSERT_TRUE(write_image(scratch.path("a.PNG"), image).ok());
  const Result<Image> again = read_image(scratch.path("a.PNG"));
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(again->rgb, image.rgb);
  EXPECT_EQ(again->height, 5);
  EXPECT_EQ(again->width, 7);
}

TEST(image_file, jpeg_reads_back_to_similar_pixels) {
  const ScratchFolder scratch;
  const Image image{16, 16, std::vector<uint8_t>(16 * 16 * 3, 77)};
  for (const std::string name : {"a.jpg", "a.jpeg"}) {
    ASSERT_TRUE(write_image(scratch.path(name), image).ok());
    const Result<Image> again = read_image(scratch.path(name));
    ASSERT_TRUE(again.ok()) << again.error().message();
    for (const uint8_t value : again->rgb) EXPECT_NEAR(value, 77, 1);
  }
}

TEST(image_file, content_decides_not_the_extension) {
  const std::vector<uint8_t> png = bytes_of_file(kFixtures + "color.png");
  EXPECT_TRUE(decode_image(png, "misnamed.jpg").ok());
}

TEST(image_file, foreign_and_missing_files_are_named) {
  EXPECT_EQ(message(decode_image(bytes_of("GIF89a.."), "a.gif")),
            "a.gif: is neither JPEG, PNG nor BMP (it begins with the bytes 4749463839612e2e); convert it to "
            "one of these");
  EXPECT_EQ(message(decode_image({}, "none.png")), "none.png: the file is empty");
  EXPECT_NE(message(read_image("/no/such/picture.jpg")).find("/no/such/picture.jpg: cannot be opened"),
            std::string::npos);
  const Status status = write_image("picture.tiff", small_picture());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(), "picture.tiff: pictures are written as .png, .jpg or .jpeg, not as \".tiff\"");
  EXPECT_FALSE(write_image("/no/such/folder/a.png", small_picture()).ok());
  EXPECT_FALSE(write_image("empty.png", Image{}).ok());
}

TEST(image_file, a_cut_off_file_is_an_error_at_every_length) {
  for (const std::string name : {"color_420.jpg", "color_444_progressive.jpg", "color.png", "palette.png",
                                 "bits_24.bmp", "bits_8_palette.bmp"}) {
    const std::vector<uint8_t> whole = bytes_of_file(kFixtures + name);
    // The end marker of JPEG (2 bytes) and PNG's last chunk may be lost without loss of pixels.
    for (size_t size = 0; size + 16 < whole.size(); ++size)
      EXPECT_FALSE(decode_image(Bytes(whole).first(size), name).ok()) << name << " cut to " << size;
  }
}

TEST(image_file, oversized_pictures_are_refused_before_memory_is_taken) {
  std::vector<uint8_t> bmp = bytes_of_file(kFixtures + "bits_24.bmp");
  bmp[18 + 2] = 1;  // width 17 + 65536
  EXPECT_EQ(message(decode_image(bmp, "wide.bmp")),
            "wide.bmp: the BMP file cannot be read: the picture has 13 x 65553 pixels; at most 32768 a side "
            "and 268435456 in "
            "all are read. Scale it down first");
  std::vector<uint8_t> png = bytes_of_file(kFixtures + "color.png");
  png[16] = 0x01;  // width 17 + 2^24; the checksum of the header is wrong now, so libpng speaks first
  EXPECT_FALSE(decode_image(png, "wide.png").ok());
  std::vector<uint8_t> jpeg = bytes_of_file(kFixtures + "gray.jpg");
  for (size_t i = 0; i + 8 < jpeg.size(); ++i)
    if (jpeg[i] == 0xFF && jpeg[i + 1] == 0xC0) jpeg[i + 5] = 0xF0;
  EXPECT_NE(message(decode_image(jpeg, "tall.jpg")).find("at most 32768 a side"), std::string::npos);
}

TEST(image_file, unusual_bmp_files_are_refused_by_a_sentence) {
  const std::vector<uint8_t> bmp = bytes_of_file(kFixtures + "bits_24.bmp");
  const auto changed = [&](size_t offset, uint8_t value) {
    std::vector<uint8_t> copy = bmp;
    copy[offset] = value;
    return message(decode_image(copy, "a.bmp"));
  };
  EXPECT_EQ(changed(28, 4), "a.bmp: the BMP file cannot be read: it has 4 bits a pixel; 8, 24 and 32 are read");
  EXPECT_EQ(changed(30, 1), "a.bmp: the BMP file cannot be read: it is compressed (method 1); save it uncompressed");
  EXPECT_EQ(changed(14, 12),
            "a.bmp: the BMP file cannot be read: its header has 12 bytes (an OS/2 file); 40 or more are read");
  EXPECT_NE(changed(18, 0).find("the picture is empty: 13 x 0 pixels"), std::string::npos);
  EXPECT_NE(changed(11, 255).find("the data ends early"), std::string::npos);
}

// What a fuzzer does, in small: any bytes give a picture or an error, never a crash.
TEST(image_file, damaged_bytes_never_crash) {
  std::mt19937_64 random = seeded_random();
  for (const std::string name :
       {"color_420.jpg", "color_444_progressive.jpg", "cmyk.jpg", "palette.png", "alpha.png", "bits_8_palette.bmp"}) {
    const std::vector<uint8_t> whole = bytes_of_file(kFixtures + name);
    for (int round = 0; round < 300; ++round) {
      std::vector<uint8_t> damaged = whole;
      for (int change = 0; change <= round % 5; ++change)
        damaged[random() % damaged.size()] = static_cast<uint8_t>(random());
      const Result<Image> image = decode_image(damaged, name);
      if (image.ok()) {
        EXPECT_EQ(static_cast<int64_t>(image->rgb.size()), image->height * image->width * 3);
      }
    }
  }
}

TEST(image_file, shared_pictures_decode) {
  SHARED_FOLDER_OR_SKIP(shared);
  const Result<Image> image = read_image(*shared + "/images/grace_hopper.bmp");
  ASSERT_TRUE(image.ok()) << image.error().message();
  EXPECT_EQ(image->height, 600);
  EXPECT_EQ(image->width, 512);
}

}  // namespace
}  // namespace espalier
