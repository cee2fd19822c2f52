// TensorFlow's C interface for kernels, in the few words that ours need.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace peftlab {

using Shape = std::vector<int64_t>;

/** A tensor that lives as long as this. */
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(TF_Tensor* tensor) : tensor_(tensor) {}
  Tensor(Tensor&& other) noexcept : tensor_(other.tensor_) { other.tensor_ = nullptr; }
  Tensor& operator=(Tensor&& other) noexcept {
    std::swap(tensor_, other.tensor_);
    return *this;
  }
  ~Tensor() {
    if (tensor_) TF_DeleteTensor(tensor_);
  }
  template <typename T = float>
  T* data() const {
    return static_cast<T*>(TF_TensorData(tensor_));
  }
  int64_t size() const { return TF_TensorElementCount(tensor_); }
  int rank() const { return TF_NumDims(tensor_); }
  int64_t dim(int axis) const { return TF_Dim(tensor_, axis < 0 ? axis + rank() : axis); }
  Shape shape() const {
    Shape shape;
    for (int axis = 0; axis < rank(); axis++) shape.push_back(dim(axis));
    return shape;
  }

 private:
  TF_Tensor* tensor_ = nullptr;
};

/** A bias `[width]` that may be left out, `[0]`: then zeros. */
class Bias {
  const std::vector<float> zeros_;

 public:
  Bias(const Tensor& given, int64_t width)
      : zeros_(given.size() > 0 ? 0 : static_cast<size_t>(width), 0.0f),
        values(given.size() > 0 ? given.data() : zeros_.data()),
        fits(given.size() == 0 || given.size() == width) {}
  const float* const values;
  const bool fits;
};

/** One run of a kernel. Errors are kept and reported when the run ends; `failed` says that there is one. */
class Run {
 public:
  explicit Run(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Run() {
    if (failed()) TF_OpKernelContext_Failure(context_, status_);
    TF_DeleteStatus(status_);
  }
  bool failed() const { return TF_GetCode(status_) != TF_OK; }
  /** Ends the run with an error unless `holds`. */
  bool require(bool holds, const char* otherwise) {
    if (!holds && !failed()) TF_SetStatus(status_, TF_INVALID_ARGUMENT, otherwise);
    return !failed();
  }
  Tensor input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    return Tensor(tensor);
  }
  Tensor output(int index, const Shape& shape, TF_DataType type = TF_FLOAT);
  /**
   * An output of an input's shape, in the input's memory where nobody else needs that. Gives up the handle on the
   * input; its values may be read until the run ends, each before its place is written to.
   */
  Tensor outputOver(int index, int input, Tensor handle);

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
};

/** Reads the attributes of a node when its kernel is made. */
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction)
      : construction_(construction), status_(TF_NewStatus()) {}
  ~Attributes() {
    if (TF_GetCode(status_) != TF_OK) TF_OpKernelConstruction_Failure(construction_, status_);
    TF_DeleteStatus(status_);
  }
  bool boolean(const char* name);
  int integer(const char* name);
  float real(const char* name);
  std::vector<int> integers(const char* name);

 private:
  TF_OpKernelConstruction* construction_;
  TF_Status* status_;
};

/** An op as TensorFlow registers it, each part in its own notation such as `x: float`. */
struct Signature {
  const char* name;
  std::initializer_list<const char*> inputs, outputs, attributes;
  /** For each output the input whose shape it has, or -1 where the kernel alone knows. */
  std::initializer_list<int> shapes;
  /** It changes its inputs: neither merged with its like nor left out. */
  bool stateful = false;
};

void registerOp(const Signature& signature, void (*infer)(TF_ShapeInferenceContext*, TF_Status*));
void inferShapes(TF_ShapeInferenceContext* context, const std::vector<int>& shapes, TF_Status*);
void registerKernel(const char* name, void* (*make)(TF_OpKernelConstruction*),
                    void (*compute)(void*, TF_OpKernelContext*), void (*remove)(void*));

/**
 * Registers `Kernel` as an op of this signature for the CPU: made of `Attributes&`, it has `void compute(Run&)`.
 */
template <typename Kernel>
void add(const Signature& signature) {
  static const std::vector<int> shapes(signature.shapes);
  registerOp(signature, [](TF_ShapeInferenceContext* context, TF_Status* status) {
    inferShapes(context, shapes, status);
  });
  registerKernel(
      signature.name,
      [](TF_OpKernelConstruction* construction) -> void* {
        Attributes attributes(construction);
        return new Kernel(attributes);
      },
      [](void* kernel, TF_OpKernelContext* context) {
        Run run(context);
        static_cast<Kernel*>(kernel)->compute(run);
      },
      [](void* kernel) { delete static_cast<Kernel*>(kernel); });
}

}  // namespace peftlab
