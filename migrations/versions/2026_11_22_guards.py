"""What the database itself refuses: changing a posted entry or an audit event, and rows of another entity.

SQLite has triggers; its REPLACE deletes without firing one, so an id that exists is refused first.
PostgreSQL has triggers, a role `reclaim_app` that every connection of the product takes and that holds no
right to change what is append-only, and row-level security that reads `reclaim.scope`: `*`, or the entity ids
of the transaction's actor. Tables without `entity_id` are reached only through one that has it.
"""

from alembic import op

revision = "2026_11_22_guards"
down_revision = "2026_11_22_denials"
branch_labels = None
depends_on = None

SQLITE = (
    (
        "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT "
        "RAISE(ABORT, 'audit_event is append only'); END"
    ),
    (
        "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT "
        "RAISE(ABORT, 'audit_event is append only'); END"
    ),
    (
        "CREATE TRIGGER audit_patient_no_update BEFORE UPDATE ON audit_patient BEGIN SELECT "
        "RAISE(ABORT, 'audit_patient is append only'); END"
    ),
    (
        "CREATE TRIGGER audit_patient_no_delete BEFORE DELETE ON audit_patient BEGIN SELECT "
        "RAISE(ABORT, 'audit_patient is append only'); END"
    ),
    (
        "CREATE TRIGGER audit_event_no_replace BEFORE INSERT ON audit_event WHEN EXISTS (SELECT 1 "
        "FROM audit_event WHERE seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'audit_event is append "
        "only'); END"
    ),
    (
        "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head BEGIN SELECT "
        "RAISE(ABORT, 'audit_head only moves on'); END"
    ),
    (
        "CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head WHEN NEW.seq <= OLD.seq "
        "BEGIN SELECT RAISE(ABORT, 'audit_head only moves on'); END"
    ),
    (
        "CREATE TRIGGER ledger_batch_no_update BEFORE UPDATE ON ledger_batch BEGIN SELECT "
        "RAISE(ABORT, 'posted entries are never changed; reverse them'); END"
    ),
    (
        "CREATE TRIGGER ledger_batch_no_delete BEFORE DELETE ON ledger_batch BEGIN SELECT "
        "RAISE(ABORT, 'posted entries are never changed; reverse them'); END"
    ),
    (
        "CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT "
        "RAISE(ABORT, 'posted entries are never changed; reverse them'); END"
    ),
    (
        "CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT "
        "RAISE(ABORT, 'posted entries are never changed; reverse them'); END"
    ),
    (
        "CREATE TRIGGER ledger_batch_no_replace BEFORE INSERT ON ledger_batch WHEN EXISTS (SELECT "
        "1 FROM ledger_batch WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'posted entries are "
        "never changed; reverse them'); END"
    ),
    (
        "CREATE TRIGGER ledger_entry_no_replace BEFORE INSERT ON ledger_entry WHEN EXISTS (SELECT "
        "1 FROM ledger_entry WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'posted entries are "
        "never changed; reverse them'); END"
    ),
)
POSTGRESQL = (
    (
        "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'the audit trail is append only'; END $$"
    ),
    (
        "CREATE OR REPLACE FUNCTION audit_head_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF NEW.seq <= OLD.seq THEN RAISE EXCEPTION 'audit_head only moves on'; END IF; "
        "RETURN NEW; END $$"
    ),
    (
        "CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event FOR EACH "
        "ROW EXECUTE FUNCTION refuse_audit_change()"
    ),
    (
        "CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT "
        "EXECUTE FUNCTION refuse_audit_change()"
    ),
    (
        "CREATE TRIGGER audit_patient_append_only BEFORE UPDATE OR DELETE ON audit_patient FOR "
        "EACH ROW EXECUTE FUNCTION refuse_audit_change()"
    ),
    (
        "CREATE TRIGGER audit_patient_no_truncate BEFORE TRUNCATE ON audit_patient FOR EACH "
        "STATEMENT EXECUTE FUNCTION refuse_audit_change()"
    ),
    (
        "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE "
        "FUNCTION refuse_audit_change()"
    ),
    (
        "CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT "
        "EXECUTE FUNCTION refuse_audit_change()"
    ),
    (
        "CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE "
        "FUNCTION audit_head_moves_on()"
    ),
    (
        "CREATE OR REPLACE FUNCTION reclaim_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'posted entries are never changed; reverse them'; END $$"
    ),
    (
        "CREATE TRIGGER ledger_batch_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "
        "ledger_batch FOR EACH STATEMENT EXECUTE FUNCTION reclaim_append_only()"
    ),
    (
        "CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "
        "ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION reclaim_append_only()"
    ),
)
ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'reclaim_app') THEN
    CREATE ROLE reclaim_app NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
RIGHTS = (
    "GRANT reclaim_app TO CURRENT_USER",
    "GRANT USAGE ON SCHEMA public TO reclaim_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO reclaim_app",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO reclaim_app",
    "REVOKE UPDATE, DELETE ON ledger_batch, ledger_entry, audit_event, audit_patient FROM reclaim_app",
    "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM reclaim_app",
)
SCOPED = (
    "claim",
    "claim_balance",
    "claim_payer",
    "claim_version",
    "denial",
    "denial_chance",
    "denial_event",
    "denial_item",
    "denial_play",
    "ledger_batch",
    "ledger_entry",
    "ledger_head",
    "patient",
    "payer",
    "payer_alias",
    "payer_identifier",
    "payer_term",
    "provider_adjustment",
    "remit",
    "remit_claim",
    "worklist_item",
)
OWN = (
    "CASE WHEN current_setting('reclaim.scope', true) = '*' THEN true ELSE entity_id = ANY "
    "(string_to_array(coalesce(current_setting('reclaim.scope', true), ''), ',')::bigint[]) END"
)


def upgrade() -> None:
    db = op.get_bind()
    if db.dialect.name == "sqlite":
        for statement in SQLITE:
            db.exec_driver_sql(statement)
        return
    for statement in (*POSTGRESQL, ROLE, *RIGHTS):
        db.exec_driver_sql(statement)
    for table in SCOPED:
        db.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        db.exec_driver_sql(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        db.exec_driver_sql(f"CREATE POLICY own_entities ON {table} USING ({OWN}) WITH CHECK ({OWN})")
