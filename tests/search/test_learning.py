"""What search learns: the same from the same texts, kept on disk, and explained word by word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.search.classifier import learn, probabilities
from bot.search.compiled import Compiled, compiled
from bot.search.compiled import learnt as learn_all
from bot.search.features import features
from bot.search.neighbours import Neighbours
from bot.search.phrases import split
from bot.search.ranking import Ranking
from bot.vietnamese import fold
from tests.search.small import TEXTS, a_library


@pytest.fixture(scope="module")
def learnt() -> Compiled:
    return learn_all(a_library())


def test_every_text_is_found_first_with_and_without_accents(learnt: Compiled) -> None:
    ranking = Ranking(learnt)
    for owner, texts in TEXTS.items():
        for text in texts:
            assert ranking.rank(split(text))[0].owner == owner
            assert ranking.rank(split(fold(text)))[0].owner == owner


def test_words_nobody_knows_are_likely_nothing(learnt: Compiled) -> None:
    best = Ranking(learnt).rank(split("zzxxcc qwerty"))[0]
    assert best.share < 0.7
    assert best.near == pytest.approx(0, abs=0.01)


def test_the_same_texts_give_the_same_weights(learnt: Compiled) -> None:
    again = learn_all(a_library())
    assert np.array_equal(again.owners.weights, learnt.owners.weights)
    assert again.vocabulary.keys == learnt.vocabulary.keys


def test_the_copy_on_disk_says_the_same_and_a_damaged_one_is_made_again(tmp_path: Path, learnt: Compiled) -> None:
    library = a_library()
    words = split("đi đăng ký kết hôn")
    first = Ranking(compiled(library, tmp_path)).rank(words)
    (copy,) = tmp_path.glob("*.npz")
    assert Ranking(compiled(library, tmp_path)).rank(words) == first
    copy.write_bytes(copy.read_bytes()[:500])
    assert Ranking(compiled(library, tmp_path)).rank(words) == first


def test_another_text_is_another_copy(tmp_path: Path) -> None:
    compiled(a_library(), tmp_path)
    compiled(a_library(more="bé nhà em mới chào đời"), tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert compiled(a_library(), tmp_path / "file").owners.owners


def test_it_is_said_which_words_decided(learnt: Compiled) -> None:
    kinds, strongest = Ranking(learnt).explain(split("giấy khai sinh cho con"), "khai-sinh")
    assert kinds["words"] > 0
    assert {"khai", "sinh", "khai sinh"} & set(strongest)


def test_shares_add_up_to_one() -> None:
    assert probabilities(np.array([1.0, 2.0, 300.0], np.float32)).sum() == pytest.approx(1)


def test_one_owner_needs_no_learning() -> None:
    assert learn([[]], [], [], 3).owners == []


def test_the_nearest_texts_of_an_owner_count() -> None:
    from bot.search.classifier import Vocabulary

    texts = ["đăng ký kết hôn", "lấy vợ", "khai sinh cho con"]
    vocabulary = Vocabulary.of([features(split(text)) for text in texts])
    vectors = [vocabulary.vector(features(split(text))) for text in texts]
    near = Neighbours.of(["b", "b", "a"], vectors)
    spread = Neighbours.spread_out(vectors[0], len(vocabulary.keys))
    assert near.near("b", spread) > near.near("a", spread)
    assert near.near("b", spread) == pytest.approx(1 / 3, abs=0.05)


def test_on_two_cores_the_same_is_learnt(learnt: Compiled) -> None:
    two = learn_all(a_library(), side_by_side=True)
    pairs = ((learnt.owners, two.owners), (learnt.aspects, two.aspects), (learnt.field, two.field))
    for alone, beside in pairs:
        assert alone.owners == beside.owners
        assert np.array_equal(alone.weights, beside.weights)
    assert learnt.asking.keys == two.asking.keys
