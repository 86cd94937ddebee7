using System.Globalization;

namespace RunnerScaler.RealCluster;

/// <summary>
/// The place of a node on this machine: mounts and processes of its own, a bridge and control groups. All of it goes
/// when this is disposed or when this process ends in whatever way: the kernel ends every process of a process
/// namespace with its first, and its mounts with the last, and a shell that outlives us removes the rest.
/// </summary>
/// <remarks>
/// A kubelet ends what it does not know. In here it can neither see nor name anything that is not the node's.
/// </remarks>
internal sealed class NodeSpace : IAsyncDisposable
{
    /// <summary>The first process inside: hides what programs leave in fixed places, then adopts orphans.</summary>
    private const string First = """
        mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log && mount -t tmpfs tmpfs /var/lib || exit 1
        : >"$1/ready"
        sleep infinity &
        while kill -0 $!; do wait; done
        """;

    /// <summary>Outside: makes what is to be undone, waits for the end, undoes it.</summary>
    private const string Keeper = """
        folder=$1 name=$2 address=$3 second=$4 first=$5
        settings='vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops
          kernel/keys/root_maxkeys kernel/keys/root_maxbytes net/ipv4/ip_forward'
        before=$(for setting in $settings; do echo "$setting $(cat /proc/sys/$setting)"; done)
        undo() {
          ip link delete "$name"
          for group in /sys/fs/cgroup/*/"$name"; do
            tries=0
            until [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + || [ $tries = 50 ]; do
              tries=$((tries + 1)); sleep 0.1
            done
          done
          echo "$before" | while read -r setting value; do
            [ "$(cat /proc/sys/$setting)" = "$value" ] || echo "$value" >/proc/sys/$setting
          done
          rm -rf "$folder"
        }
        trap 'kill -KILL $(cat /proc/$space/task/$space/children)' TERM
        # Without one of its own it takes the lowest of its members', and pods lose it when one comes with a lower.
        ip link add "$name" address 02:00:00:00:00:01 type bridge || exit 1
        ip address add "$address" dev "$name" && ip address add "$second" dev "$name" && ip link set "$name" up || {
          undo; exit 1
        }
        for hierarchy in /sys/fs/cgroup/*; do
          [ -e "$hierarchy/tasks" ] && mkdir "$hierarchy/$name"
        done
        for file in cpuset.cpus cpuset.mems; do
          cat /sys/fs/cgroup/cpuset/$file >/sys/fs/cgroup/cpuset/"$name"/$file
        done
        unshare --mount --pid --fork --kill-child --mount-proc sh -c "$first" sh "$folder" &
        space=$!
        until [ -e "$folder/ready" ] || ! kill -0 $space; do sleep 0.02; done
        cp /proc/$space/task/$space/children "$folder/first"
        wait $space
        wait $space
        undo
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ChildProgram keeper;
    private readonly Dictionary<string, ChildProgram> programs = [];
    private string first = "";

    private NodeSpace(string folder, string name, NodeSubnet subnet)
    {
        (Folder, Name, Subnet) = (folder, name, subnet);
        keeper = ChildProgram.Start(
            "/bin/sh", "-c", Keeper, "sh", folder, name, $"{subnet.Host}/24", $"{subnet.Second}/24", First);
    }

    /// <summary>For the node's files; it is removed in the end.</summary>
    public string Folder { get; }

    /// <summary>The name of the bridge, and of the control group that holds the node's pods.</summary>
    public string Name { get; }

    public NodeSubnet Subnet { get; }

    /// <param name="kind">A few letters that tell the spaces of one process apart.</param>
    public static async Task<NodeSpace> OpenAsync(string kind, TimeProvider time, CancellationToken stop)
    {
        // The name of a network interface has at most 15 characters.
        var name = string.Create(CultureInfo.InvariantCulture, $"rs{kind}{Environment.ProcessId}");
        var folder = Path.Combine(Path.GetTempPath(), name);
        Directory.CreateDirectory(folder);
        var space = new NodeSpace(folder, name, NodeSubnet.FindFree());
        var file = Path.Combine(folder, "first");
        var start = time.GetTimestamp();
        while (!File.Exists(file) || (space.first = (await File.ReadAllTextAsync(file, stop)).Trim()).Length == 0)
        {
            if (space.keeper.HasExited || time.GetElapsedTime(start) > Patience)
                throw new InvalidOperationException(
                    $"a place for a node could not be made:\n{space.keeper.LastOutput}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, stop);
        }
        return space;
    }

    /// <summary>Starts a program inside, under a name for <see cref="KillAsync"/> and <see cref="LogOf"/>.</summary>
    public ChildProgram Start(string name, string program, params IEnumerable<string> arguments)
    {
        const string script = """echo $$ >"$0.pid"; exec "$@" >>"$0.log" 2>&1""";
        return programs[name] = ChildProgram.Start(
            "nsenter", ["--target", first, "--mount", "--pid", "--", "/bin/sh", "-c", script, In(name), program,
                .. arguments]);
    }

    /// <summary>Kills a program as the kernel would: at once, and without a word to it.</summary>
    public async Task KillAsync(string name, TimeProvider time)
    {
        var pid = (await File.ReadAllTextAsync(In($"{name}.pid"))).Trim();
        await Command.RunAsync("nsenter", "--target", first, "--mount", "--pid", "--", "kill", "-KILL", pid);
        var program = programs[name];
        while (!program.HasExited)
            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
    }

    /// <summary>The last lines that a program wrote.</summary>
    public string LogOf(string name) =>
        File.Exists(In($"{name}.log")) ? string.Join('\n', File.ReadLines(In($"{name}.log")).TakeLast(40)) : "";

    /// <summary>A file inside, as it is seen from here.</summary>
    public string Inside(string path) => $"/proc/{first}/root{path}";

    public string In(string name) => Path.Combine(Folder, name);

    public async ValueTask DisposeAsync()
    {
        await keeper.DisposeAsync();
        foreach (var program in programs.Values)
            await program.DisposeAsync();
    }
}
