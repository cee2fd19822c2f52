// What only native code can do while TensorFlow's library is loaded: silence stderr, on which it prints two lines before
// its own log level is in force, and keep signals from the threads that it starts.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <memory>
#include <node_api.h>

#include "native/signals.h"

static int saved = -1;
static std::unique_ptr<peftlab::SignalsHeld> held;

static napi_value silence(napi_env env, napi_callback_info info) {
  if (!held) held = std::make_unique<peftlab::SignalsHeld>();
  if (saved < 0) {
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) return NULL;
    fflush(stderr);
    saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (saved >= 0) dup2(nowhere, STDERR_FILENO);
    close(nowhere);
  }
  return NULL;
}

static napi_value restore(napi_env env, napi_callback_info info) {
  held.reset();
  if (saved >= 0) {
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    saved = -1;
  }
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor functions[] = {
      {"silence", NULL, silence, NULL, NULL, NULL, napi_enumerable, NULL},
      {"restore", NULL, restore, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, 2, functions);
  return exports;
}
