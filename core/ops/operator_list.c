/* The list of operators: the rows of unary.def and binary.def, then what the files of this folder
   declare, which the build lists in declared.inc. */
#include "operator.h"

#define UNARY(name, ...) extern const ms_operator ms_operator_##name;
#define BINARY(name, ...) extern const ms_operator ms_operator_##name;
#define DECLARED(name) extern const ms_operator ms_operator_##name;
#include "../kernels/unary.def"
#include "../kernels/binary.def"
#include "declared.inc"
#undef UNARY
#undef BINARY
#undef DECLARED

#define UNARY(name, ...) &ms_operator_##name,
#define BINARY(name, ...) &ms_operator_##name,
#define DECLARED(name) &ms_operator_##name,
const ms_operator *const ms_operators[] = {
#include "../kernels/unary.def"
#include "../kernels/binary.def"
#include "declared.inc"
  NULL
};
