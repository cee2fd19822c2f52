// The engine's addon: its sessions, and its kernels, which loading it registers with the TensorFlow loaded already.
#include <node_api.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <mutex>

#include "kernels.h"
#include "session.h"

NAPI_MODULE_INIT() {
  static std::once_flag once;
  std::call_once(once, [] {
#ifdef __GLIBC__
    // A step frees and takes the same large blocks again and again: keep them, or each costs its page faults anew.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
    peftlab::addAttention();
    peftlab::addDropout();
    peftlab::addGelu();
    peftlab::addLayerNorm();
    peftlab::addMatMul();
    peftlab::addOptimizer();
  });
  peftlab::addSession(env, exports);
  return exports;
}
