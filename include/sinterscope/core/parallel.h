// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The only door to oneTBB: loops over independent items.
//
// Items are frames, regions or grid rows; each is worked by one thread, and each writes only its own result,
// so a result never depends on the number of threads. The libraries beneath are held to one thread each by
// the app.

#include <cstddef>
#include <functional>

namespace sinterscope {

/// How many threads a loop works with that is given `threads` (0 = all cores).
std::size_t thread_count(int threads);

/// Calls body(i) for i in [0, count), in any order, from up to `threads` threads (0 = all cores). An
/// exception of a body is rethrown here; where several bodies throw, the one with the lowest index wins.
void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& body);

/// Calls prepare(i) for i in [0, count) from up to `threads` threads, and what it returned one at a time in
/// order of i: a bounded pipeline, in which no more than two items a thread are between the two, however many
/// there are. For work whose expensive part is independent and whose end is a sum or a file. An exception of
/// the lowest item is rethrown here; nothing of an item above it has been called then.
void parallel_in_order(std::size_t count, int threads,
                       const std::function<std::function<void()>(std::size_t)>& prepare);

}  // namespace sinterscope
