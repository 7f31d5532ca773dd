"""What a page changes, a program can change: each form has its operation, or a reason why not (T1)."""

from app.access.rules import policy

SAME = {
    "patients.guarantor_confirm": "POST patients_api.ConfirmGuarantor",
    "patients.guarantor_change": "PUT patients_api.OneGuarantor",
    "patients.guarantor_address": "POST patients_api.GuarantorAddresses",
    "patients.guarantor_point": "POST patients_api.GuarantorPoints",
    "patients.guarantor_point_end": "POST patients_api.EndPoint",
    "patients.guarantor_consent": "POST patients_api.GuarantorConsents",
    "patients.guarantor_confidential": "POST patients_api.ConfidentialAccount",
    "patients.guarantor_answers": "POST patients_api.PatientGuarantors",
    "contacts.returned_take_in": "POST contacts_api.ReturnedMailList",
    "contacts.returned_search": "POST contacts_api.ReturnedSearch",
    "contacts.returned_find": "POST contacts_api.ReturnedFind",
    "contacts.returned_verify": "POST contacts_api.ReturnedVerify",
    "contacts.returned_reject": "POST contacts_api.ReturnedReject",
    "contacts.returned_resume": "POST contacts_api.ReturnedResume",
    "web.day_hand_over": "POST day_api.HandOver",
    "web.session_end": "DELETE access_api.OneSession",
    "web.sign_in": "POST access_api.Token",
    "web.sign_out": "DELETE access_api.Token",
    "plans.draft": "POST plans_api.AccountPlans",
    "plans.schedule": "POST plans_api.PlanOffers",
    "plans.plan_act": "POST plans_api.PlanSigned",
    "payers.payer_terms": "POST payers_api.PayerTerms",
    "payers.payer_class": "POST payers_api.PayerClassOf",
    "payers.payer_merge": "POST payers_api.PayerRecords",
    "payers.payer_separate": "DELETE payers_api.OnePayerRecord",
    "codes.codes_change": "POST codes_api.OneCode",
    "denials.playbook_row_change": "POST denials_api.Playbook",
    "denials.playbook_row_end": "POST denials_api.PlaybookEnd",
    "intake.take": "POST intake_api.Files",
    "intake.release": "POST intake_api.Release",
    "intake.replay": "POST intake_api.Replay",
    "intake.undo": "POST intake_api.Undo",
    "remits.keyed_start": "POST remits_api.KeyedBatches",
    "remits.keyed_save": "PUT remits_api.OneKeyedBatch",
    "remits.keyed_submit": "POST remits_api.KeyedSubmit",
    "remits.keyed_second": "POST remits_api.KeyedSecond",
    "remits.link": "POST remits_api.Link",
    "remits.split": "POST remits_api.Split",
    "remits.accept": "POST remits_api.Accept",
    "remits.not_ours": "POST remits_api.NotOurs",
    "contracts.preview": "POST contracts_api.AllSchedules",
    "contracts.load": "POST contracts_api.AllSchedules",
    "contracts.change_terms": "POST contracts_api.Terms",
    "contracts.end_terms": "POST contracts_api.End",
    "underpayments.many": "POST underpayments_api.Acts",
    "underpayments.undo": "POST underpayments_api.UndoAct",
    "underpayments.note": "POST underpayments_api.Notes",
    "underpayments.call": "POST underpayments_api.Calls",
    "underpayments.assign": "POST underpayments_api.Ownership",
    "underpayments.move": "POST underpayments_api.Step",
    "accounts.next_call": "POST accounts_api.NextCall",
    "accounts.identify": "POST contacts_api.IdentifyPerson",
    "accounts.dial": "POST contacts_api.BeginAttempt",
    "accounts.log_call": "POST contacts_api.AccountAttempts",
    "accounts.note": "POST accounts_api.AccountNotes",
    "accounts.promise": "POST contacts_api.AccountPromises",
    "accounts.consent": "POST patients_api.GuarantorConsents",
    "accounts.confirm": "POST patients_api.ConfirmGuarantor",
    "accounts.hold": "POST contacts_api.AccountHolds",
    "accounts.lift": "POST contacts_api.LiftHold",
    "accounts.dispute": "POST contacts_api.AccountDisputes",
    "accounts.move_dispute": "POST contacts_api.MoveDispute",
    "accounts.itemised": "POST statements_api.Statements",
    "accounts.pay": "POST payments_api.Payments",
    "contacts.change_law": "POST contacts_api.CollectionRules",
    "contacts.end_law": "POST contacts_api.EndCollectionRule",
    "denials.find": "POST denials_api.SearchDenials",
    "denials.act": "POST denials_api.Acts",
    "denials.act_here": "POST denials_api.Acts",
    "denials.move": "POST denials_api.Acts",
    "denials.next_case": "POST denials_api.Next",
    "denials.undo": "POST denials_api.UndoAct",
    "denials.call": "POST denials_api.Calls",
    "denials.wrap": "POST denials_api.Wrap",
    "denials.ask_writeoff": "POST denials_api.AskWriteoff",
    "denials.decide_writeoff": "POST denials_api.DecideWriteoff",
    "denials.to_patient": "POST denials_api.AskPatient",
    "denials.bring_back": "POST denials_api.BringBack",
    "denials.change_limit": "POST denials_api.DeskLimits",
    "denials.assign": "POST denials_api.Assignment",
    "hooks.add": "POST hooks_api.Hooks",
    "hooks.switch": "PUT hooks_api.OneHook",
    "hooks.replay": "POST hooks_api.Replay",
    "flows.commit_post": "POST flows_api.CommitPost",
    "flows.commit_replay": "POST flows_api.CommitReplay",
    "flows.commit_release": "POST flows_api.CommitRelease",
    "flows.commit_undo": "POST flows_api.CommitUndo",
    "claims.assign_rejection": "POST claims_api.RejectionOwner",
    "claims.finish_rejection": "POST claims_api.RejectionEnd",
    "claims.note_rejection": "POST claims_api.RejectionNotes",
    "claims.call_rejection": "POST claims_api.RejectionCalls",
    "claims.assign_silent": "POST claims_api.SilentOwner",
    "claims.track_silent": "POST claims_api.SilentTrack",
    "claims.suppress_silent": "POST claims_api.SilentAside",
    "claims.note_silent": "POST claims_api.SilentNotes",
    "claims.call_silent": "POST claims_api.SilentCalls",
    "patients.search": "POST patients_api.Search",
    "payments.payments_apply": "POST payments_api.PaymentApply",
    "payments.payments_reverse": "POST payments_api.PaymentReversal",
    "payments.small_propose": "POST payments_api.SmallBalances",
    "payments.small_decide": "POST payments_api.SmallBalanceDecision",
    "rebill.act": "POST rebill_api.Acts",
    "rebill.rules_change": "POST rebill_api.ScrubRuleList",
    "rebill.rules_end": "POST rebill_api.ScrubRuleEnd",
    "rebill.set_look": "POST rebill_api.SetPreview",
    "rebill.set_open": "POST rebill_api.Sets",
    "rebill.set_undo": "POST rebill_api.SetUndo",
    "rebill.check": "POST rebill_api.Preview",
    "rebill.keep": "PUT rebill_api.Values",
    "rebill.edit": "PUT rebill_api.Values",
    "rebill.finish": "POST rebill_api.Finish",
    "rebill.reopen": "POST rebill_api.Reopen",
    "rebill.resend": "POST rebill_api.Resend",
    "rebill.cancel": "POST rebill_api.Cancel",
    "rebill.sign": "POST rebill_api.Sign",
    "rebill.hold": "POST rebill_api.Holding",
    "rebill.lift": "POST rebill_api.Lift",
    "rebill.assign": "POST rebill_api.Ownership",
    "rebill.note": "POST rebill_api.Notes",
    "rebill.from_denial": "POST rebill_api.Rebills",
    "rebill.fix_rejection": "POST rebill_api.Rebills",
    "rebill.bill_again": "POST rebill_api.Rebills",
    "rebill.from_claim": "POST rebill_api.Rebills",
    "rebill.batches_act": "POST rebill_api.BatchSettle",
    "rebill.release_now": "POST rebill_api.Batches",
    "rebill.receivers_add": "POST rebill_api.Receivers",
    "rebill.receivers_change": "PUT rebill_api.OneReceiver",
    "rebill.receivers_look": "POST rebill_api.ReceiverKeyLook",
    "rebill.receivers_try": "POST rebill_api.ReceiverTry",
    "rebill.collect_proofs": "POST rebill_api.ClaimProofs",
}
OWN_DOOR = "how a person proves who they are in a browser; a program has tokens"
PERSON = "an act of one person over another, which takes a person's own presence and second factor"
READS = "only reads: the API asks by the filters of the list"
ON_THE_PAGE = "of the screen and nothing else: what it keeps is where somebody looks"
STRANGER = "for the reader of a statement, who has a link and no account"
NOT_YET = "has no operation yet"
REASONS = {
    **dict.fromkeys(
        (
            "web.password",
            "web.second_factor",
            "web.passkey_add",
            "web.passkey_remove",
            "web.recovery",
            "web.second_factor_remove",
            "web.prove",
            "web.link",
            "web.unlink",
        ),
        OWN_DOOR,
    ),
    **dict.fromkeys(
        (
            "access.add",
            "access.change",
            "access.reset",
            "access.roles",
            "access.ask",
            "access.decide",
            "access.sign_review",
            "access.home",
            "access.sign_out",
            "access.end_session",
            "audit.judge",
            "audit.disclose",
            "web.emergency",
            "web.emergency_end",
        ),
        PERSON,
    ),
    **dict.fromkeys(
        (
            "web.search",
            "remits.find_claim",
            "remits.keyed_find",
            "rebill.next_one",
            "accounts.find",
            "accounts.preview_payment",
        ),
        READS,
    ),
    **dict.fromkeys(("statements.link_open", "statements.link_pdf", "statements.link_stop"), STRANGER),
    **dict.fromkeys(("denials.save_view", "denials.change_view"), ON_THE_PAGE),
    **dict.fromkeys(
        (
            "denials.strike",
            "denials.add_document",
            "denials.remove_document",
            "remits.assign",
            "remits.finish",
            "remits.keyed_discard",
            "remits.keyed_scan",
            "intake.jobs_again",
            "audit.check",
        ),
        NOT_YET,
    ),
}
MISSING_MOST = 9
"""So many forms still wait for their operation: it may only become less."""


def test_every_form_has_its_operation_or_a_reason() -> None:
    forms = {name.removeprefix("POST ") for name in policy().names("page") if name.startswith("POST ")}
    assert forms - set(SAME) - set(REASONS) == set(), "a form without an operation of the API, or a reason"
    assert (set(SAME) | set(REASONS)) - forms == set(), "a form that is gone"
    assert not set(SAME) & set(REASONS)
    assert set(SAME.values()) <= policy().names("api")


def test_a_program_needs_the_right_the_page_needs() -> None:
    doors = policy()
    differ = {
        form: (doors.permission("page", f"POST {form}"), doors.permission("api", operation))
        for form, operation in SAME.items()
        if doors.permission("page", f"POST {form}") != doors.permission("api", operation)
    }
    assert differ == {}


def test_what_is_missing_only_becomes_less() -> None:
    assert sum(reason == NOT_YET for reason in REASONS.values()) <= MISSING_MOST
