# The name of this test is no scenario, so it has no docstring.

import pytest

import matrix


def test_the_readme_has_the_matrix(request):
    config = request.config
    if config.option.keyword or len(config.args) != 1 or "::" in config.args[0]:
        pytest.skip("only a whole run knows every scenario")
    fresh = matrix.table(request.session.items)
    if config.option.write_matrix:
        matrix.write(fresh)
    assert matrix.in_readme() == fresh, "stale; `--write-matrix` refreshes it"
