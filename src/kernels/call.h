// One call of a prepared kernel, as plain pointers. Loops compiled for an instruction set include this header, so it
// holds no inline function.
#pragma once

namespace espalier::kernels {

// One call of a prepared kernel on one of `thread_count` threads. Each thread does its own part of the outputs;
// scratch is the thread's own, 64-byte aligned. All pointers may be unaligned for their element type's vectors.
struct Call {
  const void* const* inputs = nullptr;  // in the order of the node's inputs; nullptr where one is left out
  void* const* outputs = nullptr;
  void* scratch = nullptr;
  int thread_index = 0;
  int thread_count = 1;
};

}  // namespace espalier::kernels
