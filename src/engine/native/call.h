// A call from JavaScript, in the few words that ours need.
#pragma once
#include <string>
#include <vector>

#include <node_api.h>

#include "tensorflow/c/tf_status.h"

namespace peftlab {

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
  /** What the first argument stands for. */
  template <typename Handled>
  Handled* handled() {
    void* handled = nullptr;
    napi_get_value_external(env, arguments[0], &handled);
    return static_cast<Handled*>(handled);
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

}  // namespace peftlab
