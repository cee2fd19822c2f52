#include "session.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "signals.h"
#include "tensorflow/c/c_api.h"

// The C interface has no way to it.
namespace tsl {
void enable_tensor_float_32_execution(bool enabled);
}

namespace peftlab {
namespace {

struct GraphSession {
  TF_Graph* graph = nullptr;
  TF_Session* session = nullptr;

  void close() {
    if (session) {
      TF_Status* status = TF_NewStatus();
      TF_CloseSession(session, status);
      TF_DeleteSession(session, status);
      TF_DeleteStatus(status);
    }
    if (graph) TF_DeleteGraph(graph);
    session = nullptr;
    graph = nullptr;
  }
  ~GraphSession() { close(); }
};

/** The arguments of a call from JavaScript, and the way to throw there. */
class Call {
 public:
  Call(napi_env env, napi_callback_info info) : env(env), status(TF_NewStatus()) {
    size_t count = 5;
    napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  }
  ~Call() { TF_DeleteStatus(status); }

  /** Whether TensorFlow's last call went well; throws in JavaScript otherwise. */
  bool succeeded() {
    if (TF_GetCode(status) == TF_OK) return true;
    napi_throw_error(env, nullptr, TF_Message(status));
    return false;
  }
  napi_value fail(const char* message) {
    napi_throw_error(env, nullptr, message);
    return nullptr;
  }
  GraphSession* session() {
    void* session = nullptr;
    napi_get_value_external(env, arguments[0], &session);
    return static_cast<GraphSession*>(session);
  }
  uint32_t length(napi_value list) {
    uint32_t length = 0;
    napi_get_array_length(env, list, &length);
    return length;
  }
  napi_value at(napi_value list, uint32_t index) {
    napi_value value;
    napi_get_element(env, list, index, &value);
    return value;
  }
  napi_value member(napi_value object, const char* name) {
    napi_value value;
    napi_get_named_property(env, object, name, &value);
    return value;
  }
  std::string text(napi_value value) {
    size_t length = 0;
    napi_get_value_string_utf8(env, value, nullptr, 0, &length);
    std::string text(length, '\0');
    napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
    return text;
  }
  std::vector<int64_t> integers(napi_value list) {
    std::vector<int64_t> values(length(list));
    for (uint32_t i = 0; i < values.size(); i++) napi_get_value_int64(env, at(list, i), &values[i]);
    return values;
  }

  napi_env env;
  TF_Status* status;
  napi_value arguments[5];
};

using Tensor = std::unique_ptr<TF_Tensor, void (*)(TF_Tensor*)>;

Tensor held(TF_Tensor* tensor) { return {tensor, TF_DeleteTensor}; }

/** loadGraph(graph: Uint8Array, config: Uint8Array): both as TensorFlow's messages GraphDef and ConfigProto. */
napi_value loadGraph(napi_env env, napi_callback_info info) {
  Call call(env, info);
  void *graphData, *configData;
  size_t graphSize, configSize;
  napi_get_typedarray_info(env, call.arguments[0], nullptr, &graphSize, &graphData, nullptr,
                           nullptr);
  napi_get_typedarray_info(env, call.arguments[1], nullptr, &configSize, &configData, nullptr,
                           nullptr);
  auto made = std::make_unique<GraphSession>();
  made->graph = TF_NewGraph();
  TF_Buffer* buffer = TF_NewBufferFromString(graphData, graphSize);
  TF_ImportGraphDefOptions* importing = TF_NewImportGraphDefOptions();
  TF_GraphImportGraphDef(made->graph, buffer, importing, call.status);
  TF_DeleteImportGraphDefOptions(importing);
  TF_DeleteBuffer(buffer);
  if (!call.succeeded()) return nullptr;
  TF_SessionOptions* options = TF_NewSessionOptions();
  TF_SetConfig(options, configData, configSize, call.status);
  if (TF_GetCode(call.status) == TF_OK) {
    const SignalsHeld held;
    made->session = TF_NewSession(made->graph, options, call.status);
  }
  TF_DeleteSessionOptions(options);
  if (!call.succeeded()) return nullptr;
  napi_value handle;
  napi_create_external(
      env, made.release(), [](napi_env, void* data, void*) { delete static_cast<GraphSession*>(data); },
      nullptr, &handle);
  return handle;
}

/** Reads the outputs that names stand for; false, having thrown, where one is not in the graph. */
bool findOutputs(Call& call, TF_Graph* graph, napi_value names, std::vector<TF_Output>& outputs) {
  for (uint32_t i = 0; i < call.length(names); i++) {
    const std::string name = call.text(call.at(names, i));
    TF_Operation* operation = TF_GraphOperationByName(graph, name.c_str());
    if (!operation) {
      call.fail(("The graph has no node " + name + ".").c_str());
      return false;
    }
    outputs.push_back({operation, 0});
  }
  return true;
}

/** JavaScript's memory that a tensor shares: held until TensorFlow, in whatever thread, has let go of it. */
class Shared {
 public:
  Shared(napi_env env, napi_value buffer) : env(env) {
    napi_create_reference(env, buffer, 1, &reference);
  }
  static void release(void*, size_t, void* shared) {
    std::lock_guard<std::mutex> lock(mutex);
    released.emplace_back(static_cast<Shared*>(shared));
  }
  /** Gives back to JavaScript what TensorFlow has let go of; in JavaScript's thread. */
  static void collect(napi_env env) {
    std::lock_guard<std::mutex> lock(mutex);
    const auto own = std::partition(released.begin(), released.end(),
                                    [env](const auto& shared) { return shared->env != env; });
    for (auto shared = own; shared != released.end(); ++shared)
      napi_delete_reference(env, (*shared)->reference);
    released.erase(own, released.end());
  }

 private:
  napi_env env;
  napi_ref reference;
  static std::mutex mutex;
  static std::vector<std::unique_ptr<Shared>> released;
};
std::mutex Shared::mutex;
std::vector<std::unique_ptr<Shared>> Shared::released;

/**
 * { shape: number[], data: Float32Array | Int32Array, shared?: boolean } as a tensor: of the values' own memory if it
 * may be shared and is aligned as TensorFlow wants it, else with a copy.
 */
Tensor toTensor(Call& call, napi_value value) {
  napi_typedarray_type type;
  size_t length;
  void* data;
  napi_value buffer;
  napi_get_typedarray_info(call.env, call.member(value, "data"), &type, &length, &data, &buffer,
                           nullptr);
  const std::vector<int64_t> shape = call.integers(call.member(value, "shape"));
  const TF_DataType dtype = type == napi_float32_array ? TF_FLOAT : TF_INT32;
  const int rank = static_cast<int>(shape.size());
  bool shared = false;
  napi_get_value_bool(call.env, call.member(value, "shared"), &shared);
  // TensorFlow copies what is not aligned by itself.
  if (shared)
    return held(TF_NewTensor(dtype, shape.data(), rank, data, 4 * length, Shared::release,
                             new Shared(call.env, buffer)));
  TF_Tensor* tensor = TF_AllocateTensor(dtype, shape.data(), rank, 4 * length);
  if (TF_TensorByteSize(tensor) == 4 * length) std::memcpy(TF_TensorData(tensor), data, 4 * length);
  return held(tensor);
}

/** A float32 tensor as { shape, data }. */
napi_value fromTensor(Call& call, TF_Tensor* tensor) {
  napi_value result, shape, buffer, data;
  napi_create_object(call.env, &result);
  const int rank = TF_NumDims(tensor);
  napi_create_array_with_length(call.env, static_cast<size_t>(rank), &shape);
  for (int axis = 0; axis < rank; axis++) {
    napi_value size;
    napi_create_int64(call.env, TF_Dim(tensor, axis), &size);
    napi_set_element(call.env, shape, static_cast<uint32_t>(axis), size);
  }
  void* memory;
  const size_t bytes = TF_TensorByteSize(tensor);
  napi_create_arraybuffer(call.env, bytes, &memory, &buffer);
  if (bytes > 0) std::memcpy(memory, TF_TensorData(tensor), bytes);
  napi_create_typedarray(call.env, napi_float32_array, bytes / 4, buffer, 0, &data);
  napi_set_named_property(call.env, result, "shape", shape);
  napi_set_named_property(call.env, result, "data", data);
  return result;
}

/** runGraph(handle, names: string[], values: { shape, data }[], fetches: string[], targets: string[]): { shape, data }[] */
napi_value runGraph(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Shared::collect(env);
  GraphSession* session = call.session();
  if (!session || !session->session) return call.fail("The graph is closed.");
  std::vector<TF_Output> feeds, fetches, run;
  if (!findOutputs(call, session->graph, call.arguments[1], feeds)) return nullptr;
  if (!findOutputs(call, session->graph, call.arguments[3], fetches)) return nullptr;
  if (!findOutputs(call, session->graph, call.arguments[4], run)) return nullptr;
  std::vector<const TF_Operation*> targets;
  for (const TF_Output& output : run) targets.push_back(output.oper);
  std::vector<Tensor> kept;
  std::vector<TF_Tensor*> inputs, outputs(fetches.size(), nullptr);
  for (uint32_t i = 0; i < feeds.size(); i++) {
    kept.push_back(toTensor(call, call.at(call.arguments[2], i)));
    inputs.push_back(kept.back().get());
  }
  {
    const SignalsHeld held;
    TF_SessionRun(session->session, nullptr, feeds.data(), inputs.data(),
                  static_cast<int>(feeds.size()), fetches.data(), outputs.data(),
                  static_cast<int>(fetches.size()), targets.data(),
                  static_cast<int>(targets.size()), nullptr, call.status);
  }
  for (TF_Tensor* output : outputs)
    if (output) kept.push_back(held(output));
  if (!call.succeeded()) return nullptr;
  napi_value results;
  napi_create_array_with_length(env, outputs.size(), &results);
  for (uint32_t i = 0; i < outputs.size(); i++)
    napi_set_element(env, results, i, fromTensor(call, outputs[i]));
  return results;
}

/** allowTensorFloat32(allowed: boolean): of products on a GPU, in every run from now on. */
napi_value allowTensorFloat32(napi_env env, napi_callback_info info) {
  Call call(env, info);
  bool allowed = false;
  napi_get_value_bool(env, call.arguments[0], &allowed);
  tsl::enable_tensor_float_32_execution(allowed);
  return nullptr;
}

thread_local std::unique_ptr<SignalsHeld> signalsHeld;

napi_value holdSignals(napi_env, napi_callback_info) {
  signalsHeld = std::make_unique<SignalsHeld>();
  return nullptr;
}

napi_value releaseSignals(napi_env, napi_callback_info) {
  signalsHeld.reset();
  return nullptr;
}

napi_value closeGraph(napi_env env, napi_callback_info info) {
  Call call(env, info);
  if (GraphSession* session = call.session()) session->close();
  Shared::collect(env);
  return nullptr;
}

}  // namespace

void addSession(napi_env env, napi_value exports) {
  const napi_property_descriptor functions[] = {
      {"loadGraph", nullptr, loadGraph, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"runGraph", nullptr, runGraph, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"closeGraph", nullptr, closeGraph, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"allowTensorFloat32", nullptr, allowTensorFloat32, nullptr, nullptr, nullptr,
       napi_enumerable, nullptr},
      {"holdSignals", nullptr, holdSignals, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"releaseSignals", nullptr, releaseSignals, nullptr, nullptr, nullptr, napi_enumerable,
       nullptr},
  };
  napi_define_properties(env, exports, 6, functions);
}

}  // namespace peftlab
