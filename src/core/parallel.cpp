// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/core/parallel.h"

#include <tbb/parallel_for.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <exception>
#include <vector>

namespace sinterscope {

std::size_t thread_count(int threads) {
  return static_cast<std::size_t>(threads > 0 ? threads : tbb::this_task_arena::max_concurrency());
}

void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& body) {
  if (threads == 1 || count < 2) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  std::vector<std::exception_ptr> failures(count);
  tbb::task_arena arena(threads > 0 ? threads : tbb::task_arena::automatic);
  arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, count, 1),
        [&](const tbb::blocked_range<std::size_t>& range) {
          for (std::size_t i = range.begin(); i != range.end(); ++i) {
            try {
              body(i);
            } catch (...) {
              failures[i] = std::current_exception();
            }
          }
        },
        tbb::simple_partitioner());
  });
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

void parallel_in_order(std::size_t count, int threads,
                       const std::function<std::function<void()>(std::size_t)>& prepare) {
  if (threads == 1 || count < 2) {
    for (std::size_t i = 0; i < count; ++i) prepare(i)();
    return;
  }
  using Finish = std::function<void()>;
  std::size_t next = 0;
  const auto number = [&next, count](tbb::flow_control& control) {
    if (next == count) control.stop();
    return next++;
  };
  const auto prepared = [&prepare](std::size_t i) -> Finish {
    try {
      return prepare(i);
    } catch (...) {  // told in its turn, so that the lowest item is the one that is told
      return [failure = std::current_exception()] { std::rethrow_exception(failure); };
    }
  };
  tbb::task_arena arena(threads > 0 ? threads : tbb::task_arena::automatic);
  arena.execute([&] {
    const auto in_flight = 2 * static_cast<std::size_t>(arena.max_concurrency());
    tbb::parallel_pipeline(in_flight,
                           tbb::make_filter<void, std::size_t>(tbb::filter_mode::serial_in_order, number) &
                               tbb::make_filter<std::size_t, Finish>(tbb::filter_mode::parallel, prepared) &
                               tbb::make_filter<Finish, void>(tbb::filter_mode::serial_in_order,
                                                              [](const Finish& finish) { finish(); }));
  });
}

}  // namespace sinterscope
