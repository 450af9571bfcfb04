// What Swift cannot import from HDF5: constants that are run-time macros, globals that `H5open` fills in, and casts.
// Every getter is named after the macro it returns, with the prefix `chdf5_`.
#pragma once
#include <hdf5.h>
#include <hdf5_hl.h>

// MARK: File access flags

static inline unsigned chdf5_H5F_ACC_RDONLY(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_H5F_ACC_RDWR(void) { return H5F_ACC_RDWR; }
static inline unsigned chdf5_H5F_ACC_TRUNC(void) { return H5F_ACC_TRUNC; }

// MARK: Property list classes

static inline hid_t chdf5_H5P_FILE_CREATE(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_H5P_FILE_ACCESS(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_H5P_GROUP_CREATE(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_H5P_DATASET_CREATE(void) { return H5P_DATASET_CREATE; }

// MARK: Types in the file: little-endian whatever the machine

static inline hid_t chdf5_H5T_STD_U8LE(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_H5T_STD_I32LE(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_H5T_STD_I64LE(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_H5T_IEEE_F32LE(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_H5T_IEEE_F64LE(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_H5T_STD_REF_OBJ(void) { return H5T_STD_REF_OBJ; }

// MARK: Types in memory

static inline hid_t chdf5_H5T_NATIVE_UINT8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_H5T_NATIVE_INT32(void) { return H5T_NATIVE_INT32; }
static inline hid_t chdf5_H5T_NATIVE_INT64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_H5T_NATIVE_FLOAT(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_H5T_NATIVE_DOUBLE(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_H5T_C_S1(void) { return H5T_C_S1; }
static inline size_t chdf5_H5T_VARIABLE(void) { return H5T_VARIABLE; }

// MARK: Defaults: plain zeros in HDF5's headers, ids to Swift

static inline hid_t chdf5_H5P_DEFAULT(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_H5S_ALL(void) { return H5S_ALL; }
static inline hid_t chdf5_H5E_DEFAULT(void) { return H5E_DEFAULT; }
