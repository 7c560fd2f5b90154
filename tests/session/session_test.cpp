// A package at work: names and types at the border, clones, threads, pictures.
#include "espalier/session.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "base/bytes.h"
#include "graphs.h"
#include "material.h"
#include "package/package.h"
#include "session_parts.h"

namespace espalier {
namespace {

constexpr const char* kText =
    "%x = input s8[1,9,7,3]{scale=0.05,zero_point=-3} user=f32[1,3,9,7] permutation=[0,2,3,1] @\"image\"\n"
    "%c = conv2d %x w=s8:random(1)[40,3,3,3]{scale=0.01,zero_point=0} bias=s32:random(2)[40] padding=[1,1,1,1] "
    "activation=\"relu\" -> s8[1,9,7,40]{scale=0.1,zero_point=-128} @\"block/conv\"\n"
    "%d = dequantize %c\n"
    "%m = reduce_mean %d axes=[1,2]\n"
    "output %c user=f32[1,40,9,7] permutation=[0,2,3,1] @\"map\"\n"
    "output %m @\"mean\"\n";

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    package::Package package;
    package.graph = graph_of(kText);
    package.labels = {"cat"};
    package.recipe = Recipe{};
    package.recipe->height = 9;
    package.recipe->width = 7;
    const Status written = write_file(path_, package::serialize(package));
    CHECK(written.ok());
  }
  Session open(int thread_count = 1, const std::string& kernels = "best") const {
    Result<Session> session = Session::open(path_, {.thread_count = thread_count, .kernels = kernels});
    CHECK(session.ok(), "{}", session.error().message());
    return std::move(session).value();
  }

  ScratchFolder folder_;
  const std::string path_ = folder_.path("net.esp");
  const Tensor image_ = random_tensor(9, {DataType::f32, {1, 3, 9, 7}});
};

std::vector<float> outputs_of(Session& session, const Tensor& image) {
  CHECK(session.set_input("image", image).ok());
  CHECK(session.run().ok());
  std::vector<float> all;
  const std::vector<NamedTensor> outputs = session.all_outputs().value();
  for (const NamedTensor& output : outputs)
    all.insert(all.end(), output.tensor.data<float>(), output.tensor.data<float>() + output.tensor.count());
  return all;
}

TEST_F(SessionTest, describes_its_border_as_the_user_has_it) {
  const Session session = open();
  ASSERT_EQ(session.inputs().size(), 1u);
  EXPECT_EQ(session.inputs()[0].name, "image");
  EXPECT_EQ(session.inputs()[0].type, DataType::f32);
  EXPECT_EQ(session.inputs()[0].shape, (Shape{1, 3, 9, 7}));
  ASSERT_EQ(session.outputs().size(), 2u);
  EXPECT_EQ(session.outputs()[0].shape, (Shape{1, 40, 9, 7}));
  EXPECT_EQ(session.labels(), std::vector<std::string>{"cat"});
}

TEST_F(SessionTest, every_kernel_and_thread_count_gives_the_same_bits) {
  Session reference = open(1, "reference");
  const std::vector<float> expected = outputs_of(reference, image_);
  for (const char* kernels : {"portable", "best"})
    for (const int threads : {1, 2, 5}) {
      Session session = open(threads, kernels);
      EXPECT_EQ(outputs_of(session, image_), expected) << kernels << " " << threads;
    }
}

TEST_F(SessionTest, outputs_are_in_the_users_layout) {
  Session session = open();
  std::vector<float> map;
  ASSERT_TRUE(session.set_input("image", image_).ok());
  ASSERT_TRUE(session
                  .run([&](const LayerRun& layer) {
                    if (layer.name != "block/conv") return;
                    EXPECT_EQ(layer.op, "conv2d");
                    EXPECT_EQ(layer.mac_count, 9 * 7 * 40 * 27);
                    const Tensor real = layer.real_output();
                    map.assign(real.data<float>(), real.data<float>() + real.count());
                  })
                  .ok());
  const Tensor output = session.output("map").value();
  for (int64_t y = 0; y < 9; ++y)
    for (int64_t x = 0; x < 7; ++x)
      for (int64_t c = 0; c < 40; ++c)
        ASSERT_EQ(output.data<float>()[(c * 9 + y) * 7 + x], map[static_cast<size_t>((y * 7 + x) * 40 + c)]);
}

TEST_F(SessionTest, a_clone_is_independent) {
  Session first = open();
  const std::vector<float> expected = outputs_of(first, image_);
  Session second = first.clone().value();
  EXPECT_FALSE(second.output("mean").ok());  // it has not run
  EXPECT_NE(outputs_of(second, random_tensor(10, {DataType::f32, {1, 3, 9, 7}})), expected);
  const Tensor kept = first.output("mean").value();
  EXPECT_EQ(std::memcmp(kept.bytes(), expected.data() + expected.size() - 40, 40 * sizeof(float)), 0);
}

TEST_F(SessionTest, clones_run_at_the_same_time) {
  Session first = open();
  const std::vector<float> expected = outputs_of(first, image_);
  std::vector<Session> sessions;
  for (int i = 0; i < 4; ++i) sessions.push_back(first.clone().value());
  std::vector<std::vector<float>> got(sessions.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < sessions.size(); ++i)
    threads.emplace_back([&, i] {
      for (int run = 0; run < 20; ++run) got[i] = outputs_of(sessions[i], image_);
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<float>& outputs : got) EXPECT_EQ(outputs, expected);
}

TEST_F(SessionTest, wrong_names_types_and_shapes_are_refused) {
  Session session = open();
  EXPECT_EQ(session.set_input("picture", image_).error().message(),
            "the network has no input \"picture\"; it has \"image\"");
  EXPECT_EQ(session.set_input("image", Tensor(DataType::f32, {1, 9, 7, 3})).error().message(),
            "input \"image\" takes f32 of shape 1x3x9x7, it was given f32 of shape 1x9x7x3");
  EXPECT_EQ(session.set_input("image", Tensor(DataType::u8, {1, 3, 9, 7})).error().message(),
            "input \"image\" takes f32 of shape 1x3x9x7, it was given u8 of shape 1x3x9x7");
  EXPECT_EQ(session.output("map").error().message(), "output \"map\" is asked for before the network has run");
  EXPECT_EQ(session.run().error().message(), "input \"image\" has not been set");
  ASSERT_TRUE(session.set_input("image", image_).ok());
  ASSERT_TRUE(session.run().ok());
  EXPECT_EQ(session.output("maps").error().message(), "the network has no output \"maps\"; it has \"map\", \"mean\"");
}

TEST_F(SessionTest, a_picture_needs_a_recipe_that_fits) {
  Session session = open();
  const Image picture{2, 2, std::vector<uint8_t>(12, 100)};
  EXPECT_TRUE(session.set_image(picture).ok());
  EXPECT_EQ(session.set_image({0, 0, {}}).error().message(), "the picture is empty: 0 x 0 pixels");
}

TEST_F(SessionTest, an_array_takes_the_place_of_the_picture) {
  Session session = open();
  ASSERT_TRUE(session.set_image({4, 6, std::vector<uint8_t>(4 * 6 * 3, 100)}).ok());
  EXPECT_EQ(session.geometry().picture_width, 6);
  ASSERT_TRUE(session.set_input("image", image_).ok());
  EXPECT_EQ(session.geometry().picture_width, 0) << "results must not be mapped onto the picture before";
}

TEST_F(SessionTest, decoding_needs_a_run_and_outputs_that_fit) {
  Session session = open();
  const Decoder& decoder = **find_decoder("heat_maps");
  EXPECT_EQ(SessionParts::decode(session, decoder, {}).error().message(),
            "output \"map\" is asked for before the network has run");
  ASSERT_TRUE(session.set_input("image", image_).ok());
  ASSERT_TRUE(session.run().ok());
  EXPECT_EQ(SessionParts::decode(session, decoder, {}).error().message(),
            "decoder heat_maps: one output with a heat map for every key point is expected; the network has \"map\" "
            "1x40x9x7, \"mean\" 1x1x1x40");
}

TEST_F(SessionTest, impossible_options_are_refused) {
  for (const int threads : {0, -1, 257, 100000})
    EXPECT_EQ(Session::open(path_, {.thread_count = threads}).error().message(),
              fmt::format("{} threads were asked for; 1 to 256 are possible", threads));
  EXPECT_EQ(Session::open(path_, {.kernels = "fastest"}).error().message(),
            "kernels \"fastest\" are none of best, reference, portable, avx2, avx512vnni, neon, neondot");
  EXPECT_NE(Session::open(path_ + ".lost").error().message().find("cannot be opened"), std::string::npos);
}

TEST_F(SessionTest, a_network_that_needs_more_memory_than_there_is_is_refused) {
  package::Package package;
  package.graph = graph_of(
      "%x = input f32[1,1,1,1]\n%y = pad %x before=[0,1000000,100000,0] after=[0,0,0,0]\n%z = relu %y\noutput %z\n");
  const std::string path = folder_.path("huge.esp");
  ASSERT_TRUE(write_file(path, package::serialize(package)).ok());
  EXPECT_NE(Session::open(path).error().message().find("GB of memory, this machine has"), std::string::npos);
}

}  // namespace
}  // namespace espalier
