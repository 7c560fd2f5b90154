// run_package NET.ESP: runs a package on a black picture and prints the shapes of its outputs.
#include <espalier/session.h>

#include <cstdio>

namespace {

espalier::Status run(const std::string& path) {
  auto session = espalier::Session::open(path);
  if (!session.ok()) return session.error();
  const espalier::Image picture{.height = 120, .width = 90, .rgb = std::vector<uint8_t>(120 * 90 * 3)};
  if (auto status = session->set_image(picture); !status.ok()) return status;
  if (auto status = session->run(); !status.ok()) return status;
  const auto outputs = session->all_outputs();
  if (!outputs.ok()) return outputs.error();
  for (const auto& [name, tensor] : *outputs)
    std::printf("%s %s\n", name.c_str(), espalier::to_string(tensor.shape()).c_str());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const espalier::Status status = run(argv[1]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.error().message().c_str());
  return status.ok() ? 0 : 1;
}
