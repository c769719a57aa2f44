// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <thread>

#include "batch_summary.h"
#include "child_process.h"
#include "shard.h"
#include "sinterscope/core/error.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/pipeline/output_directory.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds look_every{20};

using Command = std::vector<std::string>;

std::vector<Command> commands_of(const Experiment& experiment, const BatchRequest& request, int threads) {
  const std::string program = request.program.string(), folder = (request.out / experiment.name).string();
  const auto command = [&](const char* verb, const std::string& file, const std::string& out) {
    return Command{program, verb, file, "--out", out, "--threads", std::to_string(threads), "--quiet"};
  };
  if (experiment.kind == ExperimentKind::kmc) return {command("kmc", experiment.file.string(), folder)};
  std::vector<Command> commands;
  std::string pipeline = experiment.file.string();
  if (experiment.kind == ExperimentKind::scene) {
    commands.push_back(command("simulate", pipeline, folder + "/data"));
    pipeline = folder + "/data/pipeline.json";
  }
  commands.push_back(command("run", pipeline, folder));
  if (request.forget_stages) commands.back().emplace_back("--forget-stages");
  return commands;
}

/// An experiment on its way: its commands one after the other.
class Worker {
 public:
  Worker(const Experiment& experiment, const BatchRequest& request, int threads)
      : name_(experiment.name),
        folder_(request.out / experiment.name),
        commands_(commands_of(experiment, request, threads)) {
    make_directory(folder_);
    fs::remove(log());
    next();
  }

  const std::string& name() const { return name_; }

  /// Whether it has ended; failed.txt then stands or not. `failure` tells why.
  bool ended(std::string& failure) {
    const std::optional<int> status = child_->ended();
    if (!status) return false;
    failure = failure_of(*status, log());
    if (failure.empty() && at_ < commands_.size()) {
      next();
      return false;
    }
    if (failure.empty())
      fs::remove(folder_ / failed_file);
    else
      write_file(folder_ / failed_file, failure + "\n");
    return true;
  }

 private:
  fs::path log() const { return folder_ / "log.txt"; }
  void next() { child_.emplace(commands_.at(at_++), log()); }

  std::string name_;
  fs::path folder_;
  std::vector<Command> commands_;
  std::size_t at_ = 0;
  std::optional<ChildProcess> child_;
};

void run_all(const std::vector<Experiment>& experiments, const BatchRequest& request, Progress& progress) {
  const int cores = request.jobs > 0 ? request.jobs : static_cast<int>(std::thread::hardware_concurrency());
  const auto at_once = static_cast<std::size_t>(
      std::clamp(cores, 1, static_cast<int>(std::max<std::size_t>(experiments.size(), 1))));
  const int threads = std::max(1, cores / static_cast<int>(at_once));
  progress.start("batch", experiments.size());
  std::list<Worker> workers;
  std::size_t next = 0;
  while (next < experiments.size() || !workers.empty()) {
    while (next < experiments.size() && workers.size() < at_once)
      workers.emplace_back(experiments[next++], request, threads);
    for (auto worker = workers.begin(); worker != workers.end();) {
      std::string failure;
      if (!worker->ended(failure)) {
        ++worker;
        continue;
      }
      if (!failure.empty()) progress.warn(fmt::format("{}: {}", worker->name(), failure));
      progress.advance();
      worker = workers.erase(worker);
    }
    std::this_thread::sleep_for(look_every);
  }
}

}  // namespace

BatchResult run_batch(const BatchRequest& request, Progress& progress) {
  const std::vector<Experiment> all = list_experiments(request.sources, request.out);
  const Shard shard = read_shard(request.shard);
  std::vector<Experiment> own;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (shard.has(i)) own.push_back(all[i]);
  make_directory(request.out);
  run_all(own, request, progress);
  return write_summary(batch_table(own, request.out), request.out,
                       shard.parts == 1 ? "batch" : fmt::format("batch_{}_of_{}", shard.part, shard.parts));
}

BatchResult merge_batch(const BatchRequest& request) {
  make_directory(request.out);
  return write_summary(batch_table(list_experiments(request.sources, request.out), request.out), request.out,
                       "batch");
}

}  // namespace sinterscope
