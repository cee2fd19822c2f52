#include "parallel.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

namespace peftlab {
namespace {

struct Job {
  Job(const std::function<void(int)>& task, int count) : task(task), count(count) {}
  const std::function<void(int)>& task;
  const int count;
  std::atomic<int> next{0};
  std::atomic<int> done{0};
};

class Pool {
 public:
  explicit Pool(int workers) {
    for (int i = 0; i < workers; i++) std::thread([this] { work(); }).detach();
  }

  void run(const std::function<void(int)>& task, int count) {
    auto job = std::make_shared<Job>(task, count);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      jobs_.push_back(job);
    }
    posted_++;
    wake_.notify_all();
    help(*job);
    const auto ended = [&] { return job->done == job->count; };
    soon(ended);
    std::unique_lock<std::mutex> lock(mutex_);
    jobs_.remove(job);
    finished_.wait(lock, ended);
  }

 private:
  void work() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      std::shared_ptr<Job> job;
      wake_.wait(lock, [&] { return (job = open()) != nullptr; });
      const int posted = posted_;
      lock.unlock();
      help(*job);
      soon([&] { return posted_ != posted; });
      lock.lock();
    }
  }

  /** Waits up to 0.1 ms for what will likely hold in a moment: to be woken takes about as long. */
  template <typename Condition>
  static void soon(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(100);
    while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  }

  /** A job that has tasks left. */
  std::shared_ptr<Job> open() {
    for (auto& job : jobs_)
      if (job->next < job->count) return job;
    return nullptr;
  }

  void help(Job& job) {
    for (int i; (i = job.next++) < job.count;) {
      job.task(i);
      if (++job.done < job.count) continue;
      std::lock_guard<std::mutex> lock(mutex_);
      finished_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  std::atomic<int> posted_{0};
  std::list<std::shared_ptr<Job>> jobs_;
};

}  // namespace

int threads() {
  static const int count = [] {
    const char* set = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int wanted = set ? std::atoi(set) : 0;
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    return wanted > 0 ? wanted : cores > 0 ? cores : 1;
  }();
  return count;
}

void parallel(int count, const std::function<void(int)>& task) {
  if (count <= 0) return;
  if (count == 1 || threads() == 1) {
    for (int i = 0; i < count; i++) task(i);
    return;
  }
  // Never destroyed: its threads end with the process.
  static Pool* const pool = new Pool(threads() - 1);
  pool->run(task, count);
}

int stretches(long size, long grain) {
  const long most = size / grain;
  return static_cast<int>(most < 1 ? 1 : most < threads() ? most : threads());
}

}  // namespace peftlab
