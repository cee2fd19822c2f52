// JavaScript's values as TensorFlow's tensors, and back.
#pragma once
#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "call.h"
#include "tensorflow/c/tf_tensor.h"

namespace peftlab {

using OwnedTensor = std::unique_ptr<TF_Tensor, void (*)(TF_Tensor*)>;

inline OwnedTensor held(TF_Tensor* tensor) { return {tensor, TF_DeleteTensor}; }

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
  inline static std::mutex mutex;
  inline static std::vector<std::unique_ptr<Shared>> released;
};

/**
 * { shape: number[], data: Float32Array | Int32Array, shared?: boolean } as a tensor: of the values' own memory if it
 * may be shared and is aligned as TensorFlow wants it, else with a copy.
 */
inline OwnedTensor toTensor(Call& call, napi_value value) {
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
inline napi_value fromTensor(Call& call, TF_Tensor* tensor) {
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

}  // namespace peftlab
