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

// MARK: The links of a group

typedef int (*chdf5_link_visitor)(const char *name, int kind, void *context);

struct chdf5_visit {
  chdf5_link_visitor visitor;
  void *context;
};

#if H5_VERSION_GE(1, 12, 0)
typedef H5L_info1_t chdf5_link_info;
#define chdf5_iterate H5Literate1
#else
typedef H5L_info_t chdf5_link_info;
#define chdf5_iterate H5Literate
#endif

static herr_t chdf5_visit_link(hid_t group, const char *name, const chdf5_link_info *information, void *data) {
  const struct chdf5_visit *visit = (const struct chdf5_visit *)data;
  (void)group;
  return visit->visitor(name, (int)information->type, visit->context);
}

/// Calls for each link, with its H5L_type_t, until a call gives another number than 0, which is given back. In no order:
/// to sort links, or to find one by its number, HDF5 1.10.8 makes a table, and frees what it never put into it when the
/// heap of the names is damaged.
static inline herr_t chdf5_visit_links(hid_t group, chdf5_link_visitor visitor, void *context) {
  struct chdf5_visit visit = {visitor, context};
  return chdf5_iterate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, chdf5_visit_link, &visit);
}
