#include "op.h"

#include <cstdio>
#include <cstdlib>

namespace peftlab {
namespace {

size_t elements(const Shape& shape) {
  size_t size = 1;
  for (int64_t dim : shape) size *= static_cast<size_t>(dim);
  return size;
}

/** Registration happens while the library is loaded: what fails there is a mistake in the library. */
void check(TF_Status* status) {
  if (TF_GetCode(status) == TF_OK) return;
  std::fprintf(stderr, "peftlab's kernels: %s\n", TF_Message(status));
  std::abort();
}

}  // namespace

Tensor Run::output(int index, const Shape& shape, TF_DataType type) {
  const size_t bytes = elements(shape) * TF_DataTypeSize(type);
  return Tensor(TF_AllocateOutput(context_, index, type, shape.data(),
                                  static_cast<int>(shape.size()), bytes, status_));
}

Tensor Run::outputOver(int index, int input, Tensor handle) {
  const Shape shape = handle.shape();
  handle = Tensor();
  int forwarded;
  return Tensor(TF_ForwardInputOrAllocateOutput(context_, &input, 1, index, shape.data(),
                                                static_cast<int>(shape.size()), &forwarded,
                                                status_));
}

bool Attributes::boolean(const char* name) {
  unsigned char value = 0;
  TF_OpKernelConstruction_GetAttrBool(construction_, name, &value, status_);
  return value != 0;
}

int Attributes::integer(const char* name) {
  int32_t value = 0;
  TF_OpKernelConstruction_GetAttrInt32(construction_, name, &value, status_);
  return value;
}

float Attributes::real(const char* name) {
  float value = 0;
  TF_OpKernelConstruction_GetAttrFloat(construction_, name, &value, status_);
  return value;
}

std::vector<int> Attributes::integers(const char* name) {
  int32_t size = 0, total = 0;
  TF_OpKernelConstruction_GetAttrSize(construction_, name, &size, &total, status_);
  std::vector<int> values(static_cast<size_t>(size > 0 ? size : 0));
  TF_OpKernelConstruction_GetAttrInt32List(construction_, name, values.data(), size, status_);
  return values;
}

void registerOp(const Signature& signature, void (*infer)(TF_ShapeInferenceContext*, TF_Status*)) {
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(signature.name);
  for (const char* input : signature.inputs) TF_OpDefinitionBuilderAddInput(op, input);
  for (const char* output : signature.outputs) TF_OpDefinitionBuilderAddOutput(op, output);
  for (const char* attribute : signature.attributes) TF_OpDefinitionBuilderAddAttr(op, attribute);
  TF_OpDefinitionBuilderSetIsStateful(op, signature.stateful);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, infer);
  TF_Status* status = TF_NewStatus();
  TF_RegisterOpDefinition(op, status);
  check(status);
  TF_DeleteStatus(status);
}

void inferShapes(TF_ShapeInferenceContext* context, const std::vector<int>& shapes,
                 TF_Status* status) {
  // An output that is left out stays unknown.
  for (size_t output = 0; output < shapes.size(); output++) {
    if (shapes[output] < 0) continue;
    TF_ShapeHandle* shape = TF_NewShapeHandle();
    TF_ShapeInferenceContextGetInput(context, shapes[output], shape, status);
    if (TF_GetCode(status) == TF_OK)
      TF_ShapeInferenceContextSetOutput(context, static_cast<int>(output), shape, status);
    TF_DeleteShapeHandle(shape);
  }
}

void registerKernel(const char* name, void* (*make)(TF_OpKernelConstruction*),
                    void (*compute)(void*, TF_OpKernelContext*), void (*remove)(void*)) {
  TF_KernelBuilder* kernel = TF_NewKernelBuilder(name, "CPU", make, compute, remove);
  TF_Status* status = TF_NewStatus();
  TF_RegisterKernelBuilder(name, kernel, status);
  check(status);
  TF_DeleteStatus(status);
}

}  // namespace peftlab
