"""The forms of the site: one for its pages, one for the administrator's chat client."""

from django import forms

from .models import Purchase


class PurchaseForm(forms.ModelForm):
    class Meta:
        model = Purchase
        fields = ["article", "price"]


class ApprovalForm(forms.Form):
    decision = forms.ChoiceField(choices=[("approve", "Approve"), ("refuse", "Refuse")])
    budget = forms.IntegerField(min_value=0, required=False, help_text="How much may be spent, if it is approved.")
    comment = forms.CharField(required=False)

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("decision") == "approve" and cleaned.get("budget") is None:
            self.add_error("budget", "Say how much may be spent.")
        return cleaned
