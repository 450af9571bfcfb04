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

// MARK: Where an object lies: two links to one object have one address

static inline herr_t chdf5_address(hid_t object, haddr_t *address) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info1_t information;
  herr_t status = H5Oget_info2(object, &information, H5O_INFO_BASIC);
#else
  H5O_info_t information;
  herr_t status = H5Oget_info2(object, &information, H5O_INFO_BASIC);
#endif
  *address = information.addr;
  return status;
}

/// The kind of a link by its place among the names of a group; negative on failure.
static inline int chdf5_link_kind(hid_t group, hsize_t index) {
#if H5_VERSION_GE(1, 12, 0)
  H5L_info1_t information;
  herr_t status =
      H5Lget_info_by_idx1(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, &information, H5P_DEFAULT);
#else
  H5L_info_t information;
  herr_t status = H5Lget_info_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, &information, H5P_DEFAULT);
#endif
  return status < 0 ? -1 : (int)information.type;
}
