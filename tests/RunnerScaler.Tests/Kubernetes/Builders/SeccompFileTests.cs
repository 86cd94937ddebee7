using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Tests.Tidy;

namespace RunnerScaler.Tests.Kubernetes.Builders;

/// <summary>
/// Holds the files of <c>deploy/builder</c> and the table together. To write them anew after a change of the table, run
/// these tests with <c>RUNNERSCALER_WRITE_FILES=1</c> in the environment.
/// </summary>
public sealed class SeccompFileTests
{
    private const string Folder = "deploy/builder/";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    private static string Profile => SeccompTable.Profile().ToJsonString(Indented);

    private static string OperatorObject =>
        "# For the Security Profiles Operator, which puts it on every node. The pool then needs the path that the\n"
        + "# object's status.localhostProfile shows: spec.builder.seccompProfile: operator/runnerscaler-buildkit.json\n"
        + "# Written from the same table as seccomp.json, by SeccompFileTests.\n"
        + "apiVersion: security-profiles-operator.x-k8s.io/v1beta1\n"
        + "kind: SeccompProfile\n"
        + "metadata:\n"
        + "  name: runnerscaler-buildkit\n"
        + "spec:\n  "
        + Profile.Replace("\n", "\n  ", StringComparison.Ordinal);

    [Fact]
    public void TheProfileIsTheTable() => AssertIs("seccomp.json", Profile + "\n");

    [Fact]
    public void TheOperatorsObjectIsTheTable() => AssertIs("security-profiles-operator.yaml", OperatorObject + "\n");

    [Fact]
    public void TheTableIsSortedAndNamesNothingTwice()
    {
        foreach (var names in (string[][])[SeccompTable.Default, SeccompTable.Added, SeccompTable.OfOneArchitecture])
            Assert.Equal(names.Order(StringComparer.Ordinal).Distinct(), names);
        Assert.Empty(SeccompTable.Default.Intersect(SeccompTable.Added));
        Assert.Equal(8, SeccompTable.Added.Length);
    }

    [Theory]
    [InlineData("clone3")]
    [InlineData("socket")]
    [InlineData("personality")]
    public void CallsWithConditionsAreNotAllowedAsAWhole(string name) =>
        Assert.DoesNotContain(name, SeccompTable.Default.Concat(SeccompTable.Added));

    [Theory]
    [InlineData(2, true)] // the internet
    [InlineData(16, true)] // netlink
    [InlineData(37, true)]
    [InlineData(38, false)] // the kernel's cryptography: a way into the kernel that no build needs
    [InlineData(39, true)]
    [InlineData(40, false)] // virtual machines
    [InlineData(41, true)]
    [InlineData(0x1_0000_0026, true)]
    public void ASocketMayBeOfAnyFamilyButTwo(ulong family, bool allowed) =>
        Assert.Equal(
            allowed,
            SeccompTable.Profile()["syscalls"]!.AsArray()
                .Where(rule => rule!["names"]!.AsArray().Any(name => (string?)name == "socket"))
                .Any(rule => Holds(Assert.Single(rule!["args"]!.AsArray())!, family)));

    private static bool Holds(JsonNode condition, ulong value) => (string?)condition["op"] switch
    {
        "SCMP_CMP_LT" => value < (ulong)condition["value"]!,
        "SCMP_CMP_EQ" => value == (ulong)condition["value"]!,
        "SCMP_CMP_NE" => value != (ulong)condition["value"]!,
        "SCMP_CMP_GT" => value > (ulong)condition["value"]!,
        _ => throw new InvalidOperationException($"no such comparison: {condition["op"]}"),
    };

    [Theory]
    [InlineData("getxattrat")]
    [InlineData("listmount")]
    [InlineData("listxattrat")]
    [InlineData("lsm_get_self_attr")]
    [InlineData("lsm_list_modules")]
    [InlineData("lsm_set_self_attr")]
    [InlineData("mseal")]
    [InlineData("removexattrat")]
    [InlineData("setxattrat")]
    [InlineData("statmount")]
    [InlineData("uretprobe")]
    public void CallsOfNewKernelsThatTheDefaultProfileAllowsAreThere(string name) =>
        Assert.Contains(name, SeccompTable.Default);

    [Theory]
    [InlineData("bpf")]
    [InlineData("chroot")]
    [InlineData("kexec_load")]
    [InlineData("init_module")]
    [InlineData("perf_event_open")]
    [InlineData("open_by_handle_at")]
    [InlineData("io_uring_setup")]
    [InlineData("userfaultfd")]
    [InlineData("reboot")]
    [InlineData("swapon")]
    [InlineData("settimeofday")]
    [InlineData("fsopen")]
    [InlineData("move_mount")]
    [InlineData("open_tree")]
    [InlineData("mount_setattr")]
    [InlineData("setdomainname")]
    [InlineData("add_key")]
    public void WhatWasFoundNotToBeNeededIsNotThere(string name) =>
        Assert.DoesNotContain(
            SeccompTable.Profile()["syscalls"]!.AsArray(),
            rule => rule!["names"]!.AsArray().Any(n => (string?)n == name));

    [Fact]
    public void TheDaemonSetWritesTheFileThatSidecarsName()
    {
        var daemon = Read("daemonset.yaml");
        Assert.Contains($"image: {new KubernetesOptions().BuilderImage}\n", daemon, StringComparison.Ordinal);
        Assert.Contains(
            $"to=/profiles/{Path.GetFileName(SidecarSecurity.DefaultSeccomp)}", daemon, StringComparison.Ordinal);
        Assert.Contains(
            $"path: /var/lib/kubelet/seccomp/{Path.GetDirectoryName(SidecarSecurity.DefaultSeccomp)}\n",
            daemon,
            StringComparison.Ordinal);
        Assert.Contains(
            $"{Path.GetFileName(SidecarSecurity.DefaultSeccomp)}=seccomp.json",
            Read("kustomization.yaml"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void TheDaemonSetNeedsAHostPathAndNothingElseThatTheBaselineForbids()
    {
        var reader = new YamlDotNet.Serialization.DeserializerBuilder()
            .WithAttemptingUnquotedStringTypeDeserialization().Build();
        var json = new YamlDotNet.Serialization.SerializerBuilder().JsonCompatible().Build()
            .Serialize(reader.Deserialize(Read("daemonset.yaml"))!);
        var pod = JsonNode.Parse(json)!["spec"]!["template"]!.AsObject();
        Assert.Equal(["hostPath volume profiles"], PodSecurityBaseline.Violations(pod));
    }

    [Theory]
    [InlineData("mount", "  mount,\n")]
    [InlineData("umount2", "  umount,\n")]
    [InlineData("pivot_root", "  pivot_root,\n")]
    public void AppArmorAllowsWhatSeccompAdds(string call, string rule)
    {
        Assert.Contains(call, SeccompTable.Added);
        Assert.Contains(rule, Read("apparmor-profile.txt"), StringComparison.Ordinal);
    }

    /// <summary>
    /// Who sends the signal that stops a container has a profile of its own where the distribution brings one:
    /// https://github.com/containerd/containerd/blob/main/contrib/apparmor/template.go.
    /// </summary>
    [Theory]
    [InlineData("unconfined")]
    [InlineData("runc")]
    [InlineData("crun")]
    public void AppArmorLetsTheRuntimeStopTheSidecar(string peer) => Assert.Contains(
        $"  signal (receive) peer={peer},\n", Read("apparmor-profile.txt"), StringComparison.Ordinal);

    private static string Read(string name) => File.ReadAllText(Path.Combine(Repository.Root, Folder, name));

    private static void AssertIs(string name, string text)
    {
        if (Environment.GetEnvironmentVariable("RUNNERSCALER_WRITE_FILES") == "1")
            File.WriteAllText(Path.Combine(Repository.Root, Folder, name), text);
        Assert.Equal(text, Read(name));
    }
}
