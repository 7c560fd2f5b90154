// Reads a .test file into cases. It knows the frame of the format and nothing of graphs:
//
//   # what the file is about
//   run fuse_activation                 which pass, or "evaluate"
//
//   case relu joins the conv before it  the title is a sentence
//     %x = input f32[1,8,8,3]           indented: the graph
//     output %x
//   expect                              or "expect unchanged", "expect within 1e-5", "expect error <text>"
//     output %x                         indented: the expectation
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"

namespace espalier {

struct TextCase {
  std::string run;
  std::string title;
  std::string graph;
  std::string expect;  // what follows the word "expect"
  std::string expected;
};

// Errors name the line.
inline Result<std::vector<TextCase>> parse_cases(std::istream& file) {
  std::vector<TextCase> cases;
  std::string run;
  bool in_expectation = false;
  int number = 0;
  const auto rest_after = [](const std::string& line, const std::string& word) -> std::string {
    return line.size() > word.size() + 1 ? line.substr(word.size() + 1) : std::string();
  };
  for (std::string line; std::getline(file, line);) {
    ++number;
    const std::string word = line.substr(0, line.find(' '));
    if (line.empty() || line[0] == '#') continue;
    if (word == "run") {
      run = rest_after(line, word);
    } else if (word == "case") {
      if (run.empty()) return error("line {}: a \"run\" line comes before the first case", number);
      if (!cases.empty() && !in_expectation) return error("line {}: the case before has no \"expect\"", number);
      cases.push_back({.run = run, .title = rest_after(line, word), .graph = {}, .expect = {}, .expected = {}});
      in_expectation = false;
    } else if (word == "expect") {
      if (cases.empty() || in_expectation) return error("line {}: \"expect\" without a case", number);
      cases.back().expect = rest_after(line, word);
      in_expectation = true;
    } else if (line[0] == ' ') {
      if (cases.empty()) return error("line {}: text before the first case", number);
      (in_expectation ? cases.back().expected : cases.back().graph) += line.substr(line.find_first_not_of(' ')) + '\n';
    } else {
      return error("line {}: \"{}\" is none of run, case, expect and is not indented", number, word);
    }
  }
  if (cases.empty() || !in_expectation) return error("the file has no case, or its last one has no \"expect\"");
  return cases;
}

}  // namespace espalier
