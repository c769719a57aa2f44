// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the seeds: make_seeds FOLDER. One small sound file of each kind; the fuzzer finds the rest.
#include <filesystem>
#include <fstream>

#include "sinterscope/io/image_file.h"
#include "sinterscope/io/tiff_writer.h"
#include "test_containers.h"
#include "test_hdf5.h"
#include "test_tiff.h"
#include "test_vamas.h"

namespace {

using namespace sinterscope;
namespace fs = std::filesystem;

fs::path seed(const fs::path& folder, const std::string& reader, const std::string& name) {
  fs::create_directories(folder / reader);
  return folder / reader / name;
}

void write(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

cv::Mat1b small() {
  return (cv::Mat1b(4, 5) << 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 255);
}

cv::Mat small16() {
  cv::Mat result;
  small().convertTo(result, CV_16U, 200.0);
  return result;
}

void tiff_seeds(const fs::path& folder) {
  int number = 0;
  for (const int compression : {1, 5, 8, 32773})
    for (const int tile : {0, 16}) {
      test::TiffTestPage page;
      page.pixels = small16();
      page.compression = compression;
      page.tile = tile;
      test::write_test_tiff(seed(folder, "tiff", "page" + std::to_string(number++) + ".tif"), {page, page},
                            number % 2 == 0 ? "wb" : "w8");
    }
  write(seed(folder, "tiff", "imagej.tif"),
        test::raw_tiff(5, 4,
                       {test::text_tag(270, "ImageJ=1.53t\nimages=1\nunit=nm\nfinterval=0.5\n"),
                        test::rational_tag(282, 4, 1), test::rational_tag(283, 4, 1)}));
  write(seed(folder, "tiff", "fei.tif"),
        test::raw_tiff(5, 4,
                       {test::text_tag(34682,
                                       "[Scan]\r\nPixelWidth=1e-9\r\nPixelHeight=1e-9\r\n[Image]"
                                       "\r\nResolutionY=3\r\n[PrivateFei]\r\nDatabarHeight=1\r\n")}));
  write(seed(folder, "tiff", "zeiss.tif"),
        test::raw_tiff(
            5, 4, {test::text_tag(34118, "0\r\n0\r\n0\r\n5e-9\r\nAP_PIXEL_SIZE\r\nPixel Size = 5 nm\r\n")}));
  write(seed(folder, "tiff", "dm.tif"),
        test::raw_tiff(5, 4,
                       {test::text_tag(65003, "nm"), test::text_tag(65004, "nm"),
                        test::double_tag(65009, 0.5), test::double_tag(65010, 0.5)}));
  write(seed(folder, "tiff", "ome.tif"),
        test::raw_tiff(
            5, 4,
            {test::text_tag(270,
                            "<OME><Image><Pixels SizeX=\"5\" SizeY=\"4\" SizeC=\"1\" SizeT=\"1\" "
                            "DimensionOrder=\"XYCZT\" PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"&#181;m\">"
                            "<Channel Name=\"HAADF\"/><Plane TheC=\"0\" TheZ=\"0\" TheT=\"0\" "
                            "DeltaT=\"1\"/></Pixels></Image></OME>")}));
}

void dm_seeds(const fs::path& folder) {
  for (const int version : {3, 4}) {
    test::DmTestFile file;
    file.version = version;
    test::DmTestImage image;
    image.dimensions = {5, 2, 2};
    image.pixels = test::pixels_of(small16());
    image.scales = {0.5, 0.5, 1.0};
    image.units = {"nm", "\xB5m", "s"};
    file.images = {image};
    write(seed(folder, "dm", "stack.dm" + std::to_string(version)), test::dm_bytes(file));
  }
}

void ser_seeds(const fs::path& folder) {
  for (const int version : {0x210, 0x220}) {
    test::SerTestFile file;
    file.version = version;
    file.frames = {small16(), small16()};
    file.clocks = {1000, 1004};
    write(seed(folder, "ser", "series" + std::to_string(version) + ".ser"), test::ser_bytes(file));
  }
  write(seed(folder, "emi", "scan.emi"),
        test::emi_bytes({"<Label>Mode</Label><Value>STEM nP</Value><FrameTime>0.5</FrameTime>"}));
}

void mrc_seeds(const fs::path& folder) {
  for (const int mode : {0, 6}) {
    test::MrcTestFile file;
    file.mode = mode;
    file.extended_bytes = 32;
    cv::Mat section = mode == 0 ? cv::Mat(small()) : small16();
    file.sections = {section, section};
    write(seed(folder, "mrc", "mode" + std::to_string(mode) + ".mrc"), test::mrc_bytes(file));
  }
}

void hdf5_seeds(const fs::path& folder) {
  {
    test::Hdf5Writer file(seed(folder, "hdf5", "plain.h5"));
    file.dataset("/data", small16(), {2, 2, 5});
    file.number("/data", "scale", 0.5);
    file.text("/data", "scale_unit", "nm");
  }
  {
    test::Hdf5Writer file(seed(folder, "hdf5", "velox.emd"));
    file.dataset("/Data/Image/a/Data", small(), {4, 5, 1});
    const std::string json =
        "{\"BinaryResult\":{\"PixelSize\":{\"width\":\"1e-9\",\"height\":\"1e-9\"},\"PixelUnitX\":\"m\","
        "\"Detector\":\"HAADF\"}}";
    cv::Mat1b metadata(static_cast<int>(json.size()) + 1, 1, uchar{0});
    std::copy(json.begin(), json.end(), metadata.begin());
    file.dataset("/Data/Image/a/Metadata", metadata, {json.size() + 1, 1});
  }
  {
    test::Hdf5Writer file(seed(folder, "hdf5", "movie.dm5"));
    file.dataset("/ImageList/[0]/ImageData/Data", small16(), {4, 5});
    for (const char* axis : {"/ImageList/[0]/ImageData/Calibrations/Dimension/[0]",
                             "/ImageList/[0]/ImageData/Calibrations/Dimension/[1]"}) {
      file.group(axis);
      file.number(axis, "Scale", 0.5);
      file.text(axis, "Units", "nm");
    }
  }
  {
    test::Hdf5Writer file(seed(folder, "hdf5", "signal.hspy"));
    file.text("/", "file_format", "HyperSpy");
    file.dataset("/Experiments/a/data", small(), {4, 5});
    for (const char* axis : {"/Experiments/a/axis-0", "/Experiments/a/axis-1"}) {
      file.group(axis);
      file.number(axis, "scale", 0.5);
      file.text(axis, "units", "nm");
    }
  }
}

void picture_seeds(const fs::path& folder) {
  write_png(seed(folder, "png", "gray.png"), small());
  write_png(seed(folder, "png", "gray16.png"), small16());
  cv::Mat rgb;
  cv::merge(std::vector<cv::Mat>{small(), small(), small()}, rgb);
  write_png(seed(folder, "png", "rgb.png"), rgb);
  write(seed(folder, "jpeg", "gray.jpg"), test::jpeg_bytes(small()));
  write(seed(folder, "jpeg", "rgb.jpg"), test::jpeg_bytes(rgb));
  write(seed(folder, "bmp", "gray.bmp"),
        test::bmp_bytes(3, 2, 8, std::string(1024, '\x30'), std::string("\1\2\3\0\4\5\6\0", 8)));
  write(seed(folder, "bmp", "rgb.bmp"), test::bmp_bytes(1, -1, 24, "", std::string("\7\7\7\0", 4)));
}

void text_seeds(const fs::path& folder) {
  write(seed(folder, "csv", "table.csv"), "# comment\na,b\n1,\"x, \"\"y\"\"\"\n2.5,\n");
  write(seed(folder, "spectrum", "table.csv"), "binding_energy_ev,counts\n337,5\n337.5,7\n");
  write(seed(folder, "spectrum", "block.vms"), test::vamas_text({}));
  write(seed(folder, "log", "plain.csv"), "time_s,temperature_c\n0,500\n1,501\n");
  write(seed(folder, "log", "semicolon.csv"),
        "time;T set (K);sample temperature (K);H2 (%)\n11:59:59 PM;500;499,5;10\n12:00:01 AM;500;499;\n");
  write(seed(folder, "log", "heater.dens"),
        "16/04/'15 13:53\tDigiheater 3.1\nsample\ttime\tTset[C]\tTmeas[C]\n1\t13:54:37.68\t23.0\t15.091\n");
  write(seed(folder, "log", "impulse.csv"),
        "TimeStamp,Experiment time,Temperature Measured,% Gas1\n13:40:26.849,7.787,9.05,100\n");
  write(seed(folder, "log", "protochips.csv"),
        "Time, Notes, Channel A Temperature\n0, Time units = Milliseconds, 25\n0, Temperature units = "
        "Degrees C, 25\n49, , 26\n");
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const fs::path folder = arguments[1];
  tiff_seeds(folder);
  dm_seeds(folder);
  ser_seeds(folder);
  mrc_seeds(folder);
  hdf5_seeds(folder);
  picture_seeds(folder);
  text_seeds(folder);
  return 0;
}
