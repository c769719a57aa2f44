// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/spectrum_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinterscope/io/vamas_file.h"
#include "test_files.h"
#include "test_vamas.h"

namespace sinterscope {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

class SpectrumFile : public testing::Test {
 protected:
  Spectrum csv(const std::string& text, const SpectrumChoice& choice = {}) {
    test::write_bytes(folder_ / "a.csv", text);
    return read_spectrum(folder_ / "a.csv", choice);
  }
  Spectrum vamas(const test::VamasTestFile& file, const SpectrumChoice& choice = {}) {
    test::write_bytes(folder_ / "a.vms", test::vamas_text(file));
    return read_spectrum(folder_ / "a.vms", choice);
  }
  /// The line of a text that holds this, counted from 1.
  static int line_of(const std::string& text, const std::string& line) {
    return 1 + static_cast<int>(
                   std::count(text.begin(), text.begin() + static_cast<long>(text.find(line)), '\n'));
  }
  test::TestFolder folder_;
};

TEST_F(SpectrumFile, ReadsATableOfBindingEnergies) {
  const Spectrum spectrum = csv("# a remark\ncounts,binding_energy_ev\n5,337.0\n7,337.5\n");
  EXPECT_EQ(spectrum.name, "a");
  EXPECT_THAT(spectrum.binding_energy_eV, ElementsAre(337.0, 337.5));
  EXPECT_THAT(spectrum.counts, ElementsAre(5.0, 7.0));
}

TEST_F(SpectrumFile, TurnsKineticEnergiesAndRatesIntoBindingEnergiesAndCounts) {
  SpectrumChoice choice;
  choice.photon_energy_eV = 900.0;
  choice.work_function_eV = 4.5;
  choice.dwell_s = 2.0;
  const Spectrum spectrum = csv("kinetic_energy_ev,counts_per_s\n558.5,10.5\n559.5,11\n", choice);
  EXPECT_THAT(spectrum.binding_energy_eV, ElementsAre(336.0, 337.0));
  EXPECT_THAT(spectrum.counts, ElementsAre(22.0, 21.0));
}

TEST_F(SpectrumFile, AsksForWhatATableLeavesOpen) {
  EXPECT_THAT(message_of([&] { csv("kinetic_energy_ev,counts\n1,2\n"); }), HasSubstr("photon_energy_ev"));
  EXPECT_THAT(message_of([&] { csv("binding_energy_ev,counts_per_s\n1,2\n"); }), HasSubstr("dwell_s"));
  EXPECT_THAT(message_of([&] { csv("energy,counts\n1,2\n"); }), HasSubstr("no column binding_energy_ev"));
  EXPECT_THAT(message_of([&] { csv("binding_energy_ev,c\n1,2\n"); }), HasSubstr("no column counts"));
  EXPECT_THAT(message_of([&] { csv("binding_energy_ev,counts\n"); }), HasSubstr("no row"));
  EXPECT_THAT(message_of([&] { csv("binding_energy_ev,counts\n1,2\n2,\n"); }),
              HasSubstr("row 2: column 'counts'"));
  EXPECT_THAT(message_of([&] { csv("binding_energy_ev,counts\n1,2\n2,-3\n"); }),
              HasSubstr("-3 counts at 2 eV"));
  EXPECT_THAT(message_of([&] { csv("binding_energy_ev,counts\n1,2\n3,3\n2,4\n"); }),
              HasSubstr("2 eV comes after 3"));
}

TEST_F(SpectrumFile, ReadsVamasWithAKineticEnergy) {
  const Spectrum spectrum = vamas({});
  ASSERT_EQ(spectrum.binding_energy_eV.size(), 3U);
  // 1486.7 - 1149.9 eV, from the Fermi edge: the work function in the file is not taken off.
  EXPECT_NEAR(spectrum.binding_energy_eV[0], 336.8, 1e-9);
  EXPECT_NEAR(spectrum.binding_energy_eV[2], 337.0, 1e-9);
  EXPECT_THAT(spectrum.counts, ElementsAre(10.0, 20.0, 30.0));
}

TEST_F(SpectrumFile, ReadsVamasWithABindingEnergyThatFallsAndAForeignLineEnd) {
  test::VamasTestFile file;
  file.line_end = "\r\n";
  file.blocks[0].abscissa = "Binding Energy";
  file.blocks[0].start = 340.0;
  file.blocks[0].step = -0.5;
  const Spectrum spectrum = vamas(file);
  EXPECT_THAT(spectrum.binding_energy_eV, ElementsAre(339.0, 339.5, 340.0));
  EXPECT_THAT(spectrum.counts, ElementsAre(30.0, 20.0, 10.0));
}

TEST_F(SpectrumFile, TakesTheCountsAmongSeveralVariables) {
  test::VamasTestFile file;
  test::VamasTestBlock& block = file.blocks[0];
  block.labels = {"transmission", "count rate"};
  block.units = {"d", "c/s"};
  block.rows = {{0.5, 10}, {0.6, 20}};
  // 0.2 s a channel, five scans: 1 s in all.
  EXPECT_THAT(vamas(file).counts, ElementsAre(10.0, 20.0));
  block.scans = 10;
  EXPECT_THAT(vamas(file).counts, ElementsAre(20.0, 40.0));
  SpectrumChoice choice;
  choice.variable = "Transmission";
  EXPECT_THAT(vamas(file, choice).counts, ElementsAre(0.5, 0.6));
  choice.variable = "voltage";
  EXPECT_THAT(message_of([&] { vamas(file, choice); }),
              HasSubstr("no variable 'voltage', but 'transmission', 'count rate'"));
}

TEST_F(SpectrumFile, ReadsADepthProfileWhoseBlocksAreLonger) {
  test::VamasTestFile file;
  file.mode = "SDP";
  EXPECT_THAT(vamas(file).counts, ElementsAre(10.0, 20.0, 30.0));
}

TEST_F(SpectrumFile, ChoosesABlockByNameOrNumber) {
  test::VamasTestFile file;
  file.blocks.push_back({});
  file.blocks[1].name = "Pd 3d at 300 C";
  file.blocks[1].rows = {{1}, {2}};
  EXPECT_THAT(message_of([&] { vamas(file); }),
              HasSubstr("holds 2 blocks; choose one by `block`: 'Pd 3d' (Pd 3d)"));
  SpectrumChoice choice;
  choice.block = "PD3D at 300C";
  const Spectrum chosen = vamas(file, choice);
  EXPECT_EQ(chosen.name, "a Pd 3d at 300 C");
  EXPECT_THAT(chosen.counts, ElementsAre(1.0, 2.0));
  choice.block = "2";
  EXPECT_THAT(vamas(file, choice).counts, ElementsAre(1.0, 2.0));
  choice.block = "O 1s";
  EXPECT_THAT(message_of([&] { vamas(file, choice); }), HasSubstr("block 'O 1s' fits 0 blocks"));
}

TEST_F(SpectrumFile, RefusesWhatItDoesNotRead) {
  test::VamasTestFile file;
  file.scan_mode = "IRREGULAR";
  EXPECT_THAT(message_of([&] { vamas(file); }),
              HasSubstr("line 10: scan mode is 'IRREGULAR': must be REGULAR"));
  file.scan_mode = "REGULAR";
  file.blocks[0].abscissa = "time";
  EXPECT_THAT(message_of([&] { vamas(file); }), HasSubstr("'time' is neither"));
  file.blocks[0].abscissa = "kinetic energy";
  file.blocks[0].unit = "keV";
  EXPECT_THAT(message_of([&] { vamas(file); }), HasSubstr("in 'keV': must be in eV"));
  file.blocks[0].unit = "eV";
  file.blocks[0].step = 0.0;
  EXPECT_THAT(message_of([&] { vamas(file); }), HasSubstr("abscissa increment is '0'"));
}

TEST_F(SpectrumFile, NamesTheLineOfADamage) {
  const std::string good = test::vamas_text({});
  const auto refusal = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    test::write_bytes(folder_ / "bad.vms", text);
    return message_of([&] { read_vamas(folder_ / "bad.vms"); });
  };
  EXPECT_THAT(refusal("VAMAS Surface", "VAMAS Submarine"), HasSubstr("line 1: format identifier"));
  EXPECT_THAT(refusal("\nXPS\n", "\nXPZ\n"),
              HasSubstr(fmt::format("line {}: technique is 'XPZ'", line_of(good, "XPS\n500"))));
  EXPECT_THAT(refusal("pulse counting\n", ""),
              HasSubstr("number of scans to compile this block is '7e-08'"));  // one line too few
  EXPECT_THAT(refusal("\n3\n0\n1000\n", "\n4000000000\n0\n1000\n"),
              HasSubstr("must be a count that fits the 5 lines left"));
  EXPECT_THAT(refusal("\n3\n0\n1000\n", "\n-3\n0\n1000\n"), HasSubstr("number of ordinate values is '-3'"));
  EXPECT_THAT(refusal("\n20\n", "\n1E37\n"), HasSubstr("must be a measured value"));
  EXPECT_THAT(refusal("\n20\n", "\ntwenty\n"), HasSubstr("ordinate value is 'twenty': must be a number"));
}

// Cut anywhere, it is an error: nothing of a block can be missing unnoticed but the line end of its last
// value.
TEST_F(SpectrumFile, RefusesAFileThatIsCutShort) {
  const std::string good = test::vamas_text({});
  for (std::size_t length = 0; length + 3 < good.size(); ++length) {
    test::write_bytes(folder_ / "cut.vms", good.substr(0, length));
    EXPECT_THROW(read_vamas(folder_ / "cut.vms"), Error) << length;
  }
}

TEST(VamasFiles, OfOtherMakersAreRead) {
  const auto folder = test::shared_data() / "formats" / "vamas";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no folder " << folder;
  for (const auto& file : std::filesystem::directory_iterator(folder))
    EXPECT_GE(read_vamas(file.path()).blocks.size(), 1U) << file.path();
}

}  // namespace
}  // namespace sinterscope
