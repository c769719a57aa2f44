# SPDX-License-Identifier: GPL-3.0-or-later
# The house: every room, and the rooms it may include. This list is the only place where an arrow is
# declared: the build links by it and the test Architecture.arrows reads every include against it. Only lists stand here:
# the build, that test and the installed sinterscopeConfig.cmake read them.

set(SINTERSCOPE_ROOMS core experiment kmc theory io imaging particles tracking synth inference report
                      pipeline app python)

set(core_DEPENDS)
set(experiment_DEPENDS core)
set(kmc_DEPENDS core)
set(theory_DEPENDS core)
set(io_DEPENDS core experiment)
set(imaging_DEPENDS core experiment)
set(particles_DEPENDS core experiment)
set(tracking_DEPENDS core experiment)
set(synth_DEPENDS core experiment kmc)
set(inference_DEPENDS core experiment theory)
set(report_DEPENDS core experiment theory inference)
set(pipeline_DEPENDS core experiment kmc theory io imaging particles tracking synth inference report)
set(app_DEPENDS core pipeline)
set(python_DEPENDS core experiment theory io tracking inference pipeline)

# Third parties stand behind one door each: a header prefix, and the rooms (or units) allowed to include it.
set(SINTERSCOPE_DOORS
    "tbb/=src/core/parallel"
    "oneapi/=src/core/parallel"
    "tiffio=src/io/"
    "openssl/=src/io/"
    "hdf5=src/io/"
    "zlib.h=src/io/"
    "png.h=src/io/,src/report/"
    "jpeglib=src/io/,src/report/"
    "itk=src/imaging/"
    "fftw3=src/imaging/,src/synth/"
    "ceres/=src/inference/,src/particles/,include/sinterscope/inference/,include/sinterscope/theory/"
    "nlohmann/=src/pipeline/,include/sinterscope/pipeline/,src/report/,src/io/,src/python/"
    "pybind11/=src/python/"
    "CLI/=src/app/"
    "iostream>=src/app/")

# The packages (cmake/dependencies.cmake) whose libraries a room links: what a program needs that uses the installed room.
set(core_PACKAGES fmt TBB Eigen3)
set(experiment_PACKAGES OpenCVModules)
set(kmc_PACKAGES)
set(theory_PACKAGES)
set(io_PACKAGES fmt OpenCVModules OpenSSL TIFF PNG ZLIB JPEG HDF5 nlohmann_json)
set(imaging_PACKAGES OpenCVModules fmt ITK FFTW)
set(particles_PACKAGES Ceres Eigen3 OpenCVModules)
set(tracking_PACKAGES fmt)
set(synth_PACKAGES OpenCVModules fmt)
set(inference_PACKAGES Ceres Eigen3 OpenCVModules)
set(report_PACKAGES OpenCVModules PNG JPEG nlohmann_json fmt)
set(pipeline_PACKAGES nlohmann_json OpenCVModules)
set(app_PACKAGES CLI11)
