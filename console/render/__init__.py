"""Draw every report from figures: one offline page, one workbook, and the mismatch log that people fill in."""
