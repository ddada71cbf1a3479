#!/usr/bin/env bats
# A load that a scenario starts and does other things beside: marks, the timeline, the ledger, live readings.

bats_require_minimum_version 1.5.0
load ../lib

setup_file() {
    pg_start "autovacuum = off"
    fresh_db beside
    timeout -s KILL 60 "$PARTDEMO" run setup -q
}

teardown_file() { pg_stop; }

@test "marks, timeline and ledger of a load that the main thread locks out for a while" {
    cd "$BATS_TEST_TMPDIR"
    cat >beside.lua <<'LUA'
local json = require "partdemo.json"
local loadrun = require "partdemo.loadrun"
local sched = require "partdemo.sched"

return {
  summary = "a load with a lock in the middle, and killed backends after it",
  steps = {
    function(ctx)
      local started = loadrun.start(ctx, "standard", loadrun.shape({ rate = 400, clients = 4 }, {}), {
        slice = 0.1,
        ledger = { event_logs = "id", users_distributed = "username" },
      })
      local run <close> = started.run
      local meter, readings = run:meter(), {}
      run:go()
      sched.sleep(0.3)
      readings[1] = meter:read()
      assert(run:mark() == 1)
      ctx.conn:exec "BEGIN"
      ctx.conn:exec "LOCK event_logs, users_distributed, orders_by_region, sales_data IN ACCESS EXCLUSIVE MODE"
      sched.sleep(0.7)
      readings[2] = meter:read()
      ctx.conn:exec "COMMIT"
      sched.sleep(0.3)
      assert(run:mark() == 2)
      local kill = "SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity WHERE application_name = 'partdemo load'"
      local killed = ctx.conn:exec(kill)[1].n
      sched.sleep(0.3)
      run:drain()
      while run:state() == "ready" do
        sched.sleep(0.01)
      end
      local result = loadrun.finish(ctx, started)
      ctx.conn:exec "CREATE TABLE acknowledged (table_name text, key text)"
      for i, name in ipairs { "event_logs", "users_distributed" } do
        local add = "INSERT INTO acknowledged SELECT $1, unnest($2::text[])"
        ctx.conn:exec(add, name, result.ledgers[i])
      end
      result.mix, result.partitions = nil, nil
      print("RESULT " .. json.encode({ result = result, readings = readings, killed = killed }, 0))
    end,
  },
}
LUA
    sql "CREATE TABLE before AS SELECT 'event_logs' AS table_name, id::text AS key FROM event_logs
         UNION ALL SELECT 'users_distributed', username FROM users_distributed"
    run_partdemo run beside.lua
    exited 0
    sed -n 's/^RESULT //p' <<<"$output" >result
    node -e '
        const { result: r, readings, killed } = JSON.parse(require("node:fs").readFileSync("result", "utf8"));
        const assert = require("node:assert");
        const sum = (list, f) => list.reduce((n, x) => n + f(x), 0);
        r.entries.forEach((entry, i) => {
            assert.equal(sum(r.timeline, (slice) => slice[i].ops), entry.ops);
            assert.equal(sum(r.timeline, (slice) => slice[i].errors), entry.failed);
        });
        assert(Math.abs(r.timeline.length - r.elapsed * 10) <= 2);
        // Nothing was acknowledged while the lock was held, and what was due then took that long.
        const worst = r.timeline.map((slice) => Math.max(...slice.map((s) => s.worst)));
        const done = r.timeline.map((slice) => sum(slice, (s) => s.ops));
        const first = Math.round(r.marks[0].begin * 10);
        const held = done.findIndex((n, i) => i >= first && done.slice(i, i + 3).every((n) => n === 0));
        assert(held >= first && held <= first + 4, `${first}: ${done}`);
        assert(worst[held] > 0.3, `${held}: ${worst}`);
        assert(sum(done.slice(0, first), (n) => n) > 20, `${done}`);
        // The parts between the marks: times count where an operation was due, wherever it ended.
        assert.equal(r.marks.length, 2);
        assert(r.marks[0].begin > 0.25 && r.marks[1].begin > r.marks[0].begin + 0.9);
        const ops = r.marks.map((m) => sum(m.entries, (e) => e.ops)), all = sum(r.entries, (e) => e.ops);
        assert(ops[0] > 300 && ops[1] > 20 && all - ops[0] - ops[1] > 50, `${ops} of ${all}`);
        assert(Math.max(...r.marks[0].entries.map((e) => e.due.max)) > 0.5);
        assert(killed === 4 && r.reconnects >= 1 && sum(r.entries, (e) => e.failed) >= 1);
        assert.equal(sum(r.marks, (m) => sum(m.entries, (e) => e.failed)), sum(r.entries, (e) => e.failed));
        assert(readings[0].ops > 50 && readings[0].backlog < 50 && readings[0].p99 < 0.5);
        assert(readings[1].backlog > 100 && readings[1].lag > 0.4 && readings[1].connected === 4);'
    # The ledger: every acknowledged key is there, and nothing else is there but what is unknown.
    local written="(SELECT 'event_logs', id::text FROM event_logs UNION ALL SELECT 'users_distributed', username
                    FROM users_distributed EXCEPT ALL TABLE before)"
    is 0 "SELECT count(*) FROM (TABLE acknowledged EXCEPT ALL $written) AS x"
    is t "SELECT count(*) <= 4 FROM ($written EXCEPT ALL TABLE acknowledged) AS x"
    is t "SELECT count(*) > 200 FROM acknowledged"
}
