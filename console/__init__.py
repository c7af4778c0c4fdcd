"""Pages and reports for operators and reviewers."""
