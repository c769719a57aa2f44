// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/experiment_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_files.h"

namespace sinterscope {
namespace {

using test::message_of;
using test::TestFolder;
using ::testing::HasSubstr;

ExperimentLog log_of(const std::string& text, const std::string& name = "log.csv") {
  const TestFolder folder;
  test::write_bytes(folder / name, text);
  return read_experiment_log(folder / name);
}

TEST(ExperimentLog, ReadsPlainTablesByTheirColumnNames) {
  const ExperimentLog celsius =
      log_of("# holder\ntime_s,temperature_c,pressure (mbar)\n10,500,2\n12.5,501.5,\n");
  EXPECT_EQ(celsius.format, "CSV");
  ASSERT_EQ(celsius.entries.size(), 2U);
  EXPECT_DOUBLE_EQ(celsius.entries[0].time_s, 0.0);  // since the first entry
  EXPECT_DOUBLE_EQ(celsius.entries[1].time_s, 2.5);
  EXPECT_DOUBLE_EQ(celsius.entries[1].temperature_K, 774.65);
  EXPECT_DOUBLE_EQ(celsius.entries[0].pressure_Pa.value(), 200.0);
  EXPECT_FALSE(celsius.entries[1].pressure_Pa.has_value());
  EXPECT_DOUBLE_EQ(log_of("Time [min];T [K]\n0;300\n2;400\n").entries[1].time_s, 120.0);
  EXPECT_DOUBLE_EQ(log_of("Time (ms),Temperature (\u00B0C)\n0,0\n").entries[0].temperature_K, 273.15);
}

TEST(ExperimentLog, ReadsWhatOtherProgramsExport) {
  const ExperimentLog german =
      log_of("Zeit time (s);Probe temperature (\u00B0C);H2 (%)\n0,5;500,25;10\n1,5;501;20\n");
  EXPECT_DOUBLE_EQ(german.entries[1].time_s, 1.0);
  EXPECT_DOUBLE_EQ(german.entries[0].temperature_K, 773.4);
  EXPECT_DOUBLE_EQ(german.entries[1].gas_percent.at("H2 (%)"), 20.0);
  const ExperimentLog afternoon =
      log_of("time,temperature_c\n11:59:58 AM,20\n12:00:01 PM,21\n01:00:00 PM,22\n");
  EXPECT_DOUBLE_EQ(afternoon.entries[1].time_s, 3.0);
  EXPECT_DOUBLE_EQ(afternoon.entries[2].time_s, 3602.0);
  const ExperimentLog set = log_of("time_s,temperature_set_c,sample_temperature_c\n0,500,498\n1,500,499\n");
  EXPECT_DOUBLE_EQ(set.entries[0].temperature_K, 498.0 + 273.15);
  EXPECT_DOUBLE_EQ(set.entries[0].set_temperature_K.value(), 500.0 + 273.15);
}

TEST(ExperimentLog, KeepsTheCounterOfItsFirstEntry) {
  EXPECT_DOUBLE_EQ(log_of("time_s,temperature_c\n10,500\n").start_s, 10.0);
  EXPECT_DOUBLE_EQ(log_of("time_s,temperature_c\n1600000000,500\n").start_s, 0.0);  // seconds since 1970
  EXPECT_DOUBLE_EQ(log_of("time,temperature_c\n13:00:00,500\n").start_s, 0.0);
}

TEST(ExperimentLog, GoesOnOverMidnight) {
  const ExperimentLog log = log_of("clock,temperature_k\n23:59:59.5,300\n00:00:00.5,301\n00:00:02,302\n");
  EXPECT_EQ(log.start_clock, "23:59:59.5");
  EXPECT_DOUBLE_EQ(log.entries[1].time_s, 1.0);
  EXPECT_DOUBLE_EQ(log.entries[2].time_s, 2.5);
}

TEST(ExperimentLog, ReadsTheDigiHeater) {
  const ExperimentLog log = log_of(
      "\n16/04/'15 13:53\tDigiheater 3.1\nR0 = 282.7\ta = 0\nTsample = 330 [ms]\n"
      "sample\ttime\tTset[C]\tTmeas[C]\tRheat[ohm]\n1\t13:54:37.68\t23.0\t15.091\t281.6\n2\t13:54:38.01\t50."
      "0\t16.828\t282.0\n",
      "heater.dens");
  EXPECT_EQ(log.format, "DENS DigiHeater");
  EXPECT_EQ(log.start_clock, "16/04/'15 13:53");
  ASSERT_EQ(log.entries.size(), 2U);
  EXPECT_NEAR(log.entries[1].time_s, 0.33, 1e-9);
  EXPECT_DOUBLE_EQ(log.entries[1].temperature_K, 16.828 + 273.15);
  EXPECT_DOUBLE_EQ(log.entries[1].set_temperature_K.value(), 50.0 + 273.15);
}

TEST(ExperimentLog, ReadsTheImpulseSystem) {
  const ExperimentLog log = log_of(
      "TimeStamp,Experiment time,Temperature Measured,MixValve,Pin Measured,% Gas1 Measured,% Gas3 Measured\n"
      "13:40:26.849,7.787,9.055198,0; 0; 0,3.1,0,100\n13:40:27.350,8.288,11.270884,0; 0; 0,3.1,0,100\n");
  EXPECT_EQ(log.format, "DENS Impulse");
  EXPECT_EQ(log.start_clock, "13:40:26.849");
  EXPECT_NEAR(log.entries[1].time_s, 0.501, 1e-9);
  EXPECT_DOUBLE_EQ(log.entries[0].gas_percent.at("% Gas3 Measured"), 100.0);
  EXPECT_FALSE(log.entries[0].pressure_Pa.has_value());  // no unit in the file
  EXPECT_THAT(log.warnings.at(0), HasSubstr("pressure"));
}

TEST(ExperimentLog, ReadsProtochipsWithItsHeaderInTheNotes) {
  const std::string head =
      "Time, Notes, Channel A Temperature, Holder Pressure\n0, Date (yyyy.mm.dd) = 2014.12.03, 25, 1\n"
      "0, Time (hh:mm:ss.ms) = 17:15:37.192, 25, 1\n0, Time units = Milliseconds, 25, 1\n0, Temperature "
      "units = Degrees C, 25, 1\n"
      "0, Pressure units = Torr, 25, 1\n";
  const ExperimentLog log = log_of(head + "0, , 25, 760\n49, , 26.5, 760\n1049, heating, 30, 760\n25");
  EXPECT_EQ(log.format, "Protochips");
  EXPECT_EQ(log.start_clock, "2014.12.03 17:15:37.192");
  ASSERT_EQ(log.entries.size(), 3U);
  EXPECT_NEAR(log.entries[2].time_s, 1.049, 1e-12);
  EXPECT_DOUBLE_EQ(log.entries[1].temperature_K, 26.5 + 273.15);
  EXPECT_NEAR(log.entries[0].pressure_Pa.value(), 101325.0, 1e-3);  // 760 Torr = 1 atm
  EXPECT_THAT(log.warnings.at(0), HasSubstr("cut short"));
}

TEST(ExperimentLog, InterpolatesInsideAndOnlyInside) {
  const ExperimentLog log = log_of("time_s,temperature_k\n0,300\n10,400\n200,500\n");
  EXPECT_DOUBLE_EQ(log.temperature_K_at(2.5).value(), 325.0);
  EXPECT_DOUBLE_EQ(log.temperature_K_at(200.0).value(), 500.0);
  EXPECT_FALSE(log.temperature_K_at(-1.0).has_value());
  EXPECT_FALSE(log.temperature_K_at(201.0).has_value());
  EXPECT_FALSE(log.temperature_K_at(100.0).has_value());  // a gap of 190 s
  EXPECT_DOUBLE_EQ(log.temperature_K_at(105.0, 1000.0).value(), 450.0);
}

TEST(ExperimentLog, NamesLineAndColumnOfWhatIsWrong) {
  EXPECT_THAT(message_of([] { log_of("time_s,temperature_c\n0,500\n1,hot\n2,501\n"); }),
              HasSubstr("log.csv: log: line 3: no temperature in column 2"));
  EXPECT_THAT(message_of([] { log_of("time_s,temperature_c\n5,500\n1,500\n"); }), HasSubstr("runs back"));
  EXPECT_THAT(message_of([] { log_of("time_s,temperature_c\n5,-300\n"); }), HasSubstr("absolute zero"));
  EXPECT_THAT(message_of([] { log_of("time_s,temperature\n5,300\n"); }), HasSubstr("does not say its unit"));
  EXPECT_THAT(message_of([] { log_of("time_s,current_A\n5,300\n"); }), HasSubstr("no temperature column"));
  EXPECT_THAT(message_of([] { log_of("time_s,temperature_c\n"); }), HasSubstr("no entry"));
}

TEST(ExperimentLog, ReadsTheLogsOfRealHolders) {
  const auto folder = test::shared_data() / "formats" / "insitu_logs";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no folder " << folder;
  EXPECT_EQ(read_experiment_log(folder / "file1.dens").entries.size(), 7U);
  const ExperimentLog impulse = read_experiment_log(folder / "NoMetadata_Synchronized data.csv");
  EXPECT_NEAR(impulse.entries.back().time_s, 403.662 - 7.787, 1e-6);
  const ExperimentLog protochips = read_experiment_log(folder / "protochips_thermal.csv");
  EXPECT_NEAR(protochips.entries.back().time_s, 257.649, 1e-9);
  EXPECT_DOUBLE_EQ(protochips.entries.front().temperature_K, 298.15);
}

}  // namespace
}  // namespace sinterscope
