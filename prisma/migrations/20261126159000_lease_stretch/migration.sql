-- A lease that ends says something new of the stretch that it no longer covers, and nothing of the time before: only what may
-- rest on that is looked at again.
CREATE OR REPLACE FUNCTION pod_ip_lease_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (OLD.cluster, OLD.ip, OLD.namespace, OLD.pod, OLD.uid, OLD.workload, OLD.workload_kind, OLD.host_network, OLD.valid_from)
      IS NOT DISTINCT FROM (NEW.cluster, NEW.ip, NEW.namespace, NEW.pod, NEW.uid, NEW.workload, NEW.workload_kind, NEW.host_network, NEW.valid_from)
    THEN
      IF OLD.valid_to IS DISTINCT FROM NEW.valid_to THEN
        INSERT INTO address_change (cluster, ip, from_at, to_at, cause)
        VALUES (NEW.cluster, NEW.ip, least(coalesce(OLD.valid_to, 'infinity'), coalesce(NEW.valid_to, 'infinity')) - interval '5 s',
          greatest(coalesce(OLD.valid_to, 'infinity'), coalesce(NEW.valid_to, 'infinity')) + interval '5 s', 'lease');
      END IF;
      RETURN NULL;
    END IF;
    INSERT INTO address_change (cluster, ip, from_at, to_at, cause)
    VALUES (OLD.cluster, OLD.ip, OLD.valid_from - interval '5 s', coalesce(OLD.valid_to + interval '5 s', 'infinity'), 'lease');
  END IF;
  INSERT INTO address_change (cluster, ip, from_at, to_at, cause)
  VALUES (NEW.cluster, NEW.ip, NEW.valid_from - interval '5 s', coalesce(NEW.valid_to + interval '5 s', 'infinity'), 'lease');
  RETURN NULL;
END $$;
