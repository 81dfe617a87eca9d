"""A Django form as the gateway's description of a form (docs/notes.md), and an answer as a Django form reads it."""

from typing import Any

from django import forms

# The first class that fits decides: subclasses stand before what they extend.
KINDS = [
    (forms.BooleanField, "boolean"),
    (forms.IntegerField, "integer"),
    (forms.FloatField, "number"),
    (forms.DecimalField, "number"),
    (forms.DateTimeField, "datetime"),
    (forms.DateField, "date"),
    (forms.MultipleChoiceField, "choices"),
    (forms.ChoiceField, "choice"),
    (forms.CharField, "text"),
]


def describe_form(form: forms.Form) -> dict:
    """Throws TypeError for a field that a person cannot fill in in a chat client, such as a file."""
    return {"fields": [_describe_field(name, field, form) for name, field in form.fields.items()]}


def from_answer(answer: dict) -> dict:
    """The answer as data for the form; the gateway has already checked the types of the values."""
    return {name: value for name, value in answer.items() if value is not None}


def errors_of(form: forms.Form) -> dict:
    """What is wrong, by the name of the field."""
    return {
        (next(iter(form.fields)) if name == forms.forms.NON_FIELD_ERRORS else name): " ".join(messages)
        for name, messages in form.errors.items()
    }


def _describe_field(name: str, field: forms.Field, form: forms.Form) -> dict:
    bound = form[name]
    described: dict = {"name": name, "type": _kind_of(name, field), "label": str(bound.label), "required": field.required}
    if field.help_text:
        described["help"] = str(field.help_text)
    if isinstance(field, forms.ChoiceField):
        described["choices"] = [{"value": str(value), "label": str(label)} for value, label in field.choices if value != ""]
    for key, limit in (("min", "min_value"), ("max", "max_value")):
        if getattr(field, limit, None) is not None:
            described[key] = _json_of(getattr(field, limit))
    if bound.initial is not None:
        described["value"] = _json_of(bound.initial)
    return described


def _kind_of(name: str, field: forms.Field) -> str:
    widget = field.widget
    if isinstance(widget, forms.Textarea):
        return "lines"
    if isinstance(widget, forms.PasswordInput):
        return "secret"
    for field_class, kind in KINDS:
        if isinstance(field, field_class) and not isinstance(field, forms.FileField):
            return kind
    raise TypeError(f"{name}: a {type(field).__name__} cannot be asked in a chat client")


def _json_of(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float, str)) else str(value)
