"""Every mask does what its case file says."""

import re

import pytest

from udfs.mask import MASKS, MaskError, validated

SECTIONS = ("Keeps:", "Destroys:", "Exposure:", "Reversible:", "Joinable:", "Raises:", ">>> ")


def test_shows_what_it_may(shown):
    variant, value, expected = shown
    assert variant.run([value]) == [expected]


def test_hides_what_it_must(hidden):
    variant, value, expected = hidden
    assert variant.run([value]) == [expected]
    if expected is not None and len(expected) == len(value):
        assert not [a for a, b in zip(value, expected, strict=True) if a == b and a.isalnum()]
    assert value not in (expected or "")


def test_fails_on_what_it_does_not_understand(failing):
    variant, value = failing
    with pytest.raises(MaskError) as caught:
        variant.run([value])
    assert value not in str(caught.value)


def test_refuses_bad_parameters(refused):
    mask, params = refused
    with pytest.raises(MaskError, match=f"^mask '{re.escape(mask)}': "):
        validated(MASKS[mask], params)


def test_has_at_least_as_many_negative_cases_as_positive_ones(mask_name, case_file):
    variants, refused = case_file(mask_name)
    negatives = sum(len(v.hides) + len(v.fails) for v in variants)
    info = MASKS[mask_name].info
    if info.random or info.exposure(validated(MASKS[mask_name], variants[0].params)) == "clear":
        negatives = len(refused)  # a mask that hides nothing, or never twice alike, has no other ones
    assert negatives >= max(2, sum(len(v.shows) for v in variants))


def test_every_case_file_has_its_mask(request):
    files = {path.name.removesuffix(".yaml") for path in (request.path.parent / "cases").iterdir()}
    assert files == set(MASKS)


def test_documents_what_it_keeps_and_destroys(mask_name):
    doc = MASKS[mask_name].info.doc
    assert doc.startswith(f"{mask_name}: ")
    assert [section for section in SECTIONS if section not in doc] == []


def test_documents_its_exposure(variant):
    stated = re.search(r"Exposure: (\w+)", MASKS[variant.mask].info.doc).group(1)
    assert variant.plan().exposure == stated


def test_shorthand_is_a_parameter_and_keyed_masks_have_a_scope(mask_name):
    info = MASKS[mask_name].info
    fields = info.params.model_fields
    assert info.shorthand is None or info.shorthand in fields
    assert ("scope" in fields) == info.keyed
