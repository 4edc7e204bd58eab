from checker import check


def test_everything_holds(world):
    check(world.stage.cv, world.stage.nl)
