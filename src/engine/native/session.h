// A TensorFlow graph with its variables, run from JavaScript.
#pragma once
#include <node_api.h>

namespace peftlab {

/** Adds `loadGraph`, `runGraph` and `closeGraph` to an addon's exports; `src/engine/session.ts` says what they take. */
void addSession(napi_env env, napi_value exports);

}  // namespace peftlab
