import CKernels
import COneDNN
import COpenBLAS
