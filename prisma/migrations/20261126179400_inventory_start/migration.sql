-- postern: statements outside a transaction
-- What changed in a window is found by when versions began, as by when they ended.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "inventory_object_valid_from_idx" ON "inventory_object"("valid_from");
