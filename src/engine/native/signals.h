// Signals are kept from threads that compute. oneDNN's matrix products may point the stack pointer into the heap
// (uxlfoundation/oneDNN#4845, in TensorFlow 2.21 and before): the frame of a handler that runs then overwrites what lies
// there, and an interrupted training would end in a crash.
#pragma once
#include <signal.h>

#include <initializer_list>

namespace peftlab {

/** Every signal but those that say what the thread itself did wrong. */
inline sigset_t heldSignals() {
  sigset_t signals;
  sigfillset(&signals);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS})
    sigdelset(&signals, fault);
  return signals;
}

/** Keeps signals from this thread, and from those that it starts; they wait, or go to another thread. */
class SignalsHeld {
 public:
  SignalsHeld() {
    const sigset_t signals = heldSignals();
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

}  // namespace peftlab
