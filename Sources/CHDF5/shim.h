// What Swift cannot import from HDF5: constants that are run-time macros.
#pragma once
#include <hdf5.h>
#include <hdf5_hl.h>
