local sched = require "partdemo.sched"
local conn = require "partdemo.conn"
local json = require "partdemo.json"
local t = require "partdemo.table"
local cli = {}
function cli.main(args)
  print(sched.run(function()
    local a = sched.spawn(function() sched.sleep(0.1) return 42 end)
    print(a:join())
    print(json.encode({a={1,2,3},b=json.array{}, c=1.5}, 1))
    io.write(t.render{columns={{"NAME",tree=true},{"ROWS",right=true}}, rows={{"p",3,children={{"a",1},{"b\27",{2,colour="green"}}}}}, colour=true})
    local c, e = conn.connect{host="/tmp/none"}
    print(c, e, e.kind)
  end))
  return 0
end
return cli
