#include "session.h"

#include <memory>
#include <string>
#include <vector>

#include "signals.h"
#include "tensorflow/c/c_api.h"
#include "values.h"

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
    const SignalsHeld signals;
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

/** runGraph(handle, names: string[], values: { shape, data }[], fetches: string[], targets: string[]): { shape, data }[] */
napi_value runGraph(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Shared::collect(env);
  GraphSession* session = call.handled<GraphSession>();
  if (!session || !session->session) return call.fail("The graph is closed.");
  std::vector<TF_Output> feeds, fetches, run;
  if (!findOutputs(call, session->graph, call.arguments[1], feeds)) return nullptr;
  if (!findOutputs(call, session->graph, call.arguments[3], fetches)) return nullptr;
  if (!findOutputs(call, session->graph, call.arguments[4], run)) return nullptr;
  std::vector<const TF_Operation*> targets;
  for (const TF_Output& output : run) targets.push_back(output.oper);
  std::vector<OwnedTensor> kept;
  std::vector<TF_Tensor*> inputs, outputs(fetches.size(), nullptr);
  for (uint32_t i = 0; i < feeds.size(); i++) {
    kept.push_back(toTensor(call, call.at(call.arguments[2], i)));
    inputs.push_back(kept.back().get());
  }
  {
    const SignalsHeld signals;
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
  if (GraphSession* session = call.handled<GraphSession>()) session->close();
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
