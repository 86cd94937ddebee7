using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Tests.Sandbox.GitHub;

/// <summary>An organisation <c>acme</c> with a repository <c>acme/app</c> and a clock that stands still.</summary>
internal sealed class Box
{
    public static readonly DateTimeOffset Start = new(2026, 9, 1, 8, 0, 0, TimeSpan.Zero);

    public Box(OrganizationSettings? settings = null, int seed = 1)
    {
        Clock = new FakeTimeProvider(Start);
        Organization = new Organization(Clock, new Random(seed), settings);
        Organization.AddOrganization("acme");
        Organization.AddRepository("acme/app");
    }

    public FakeTimeProvider Clock { get; }

    public Organization Organization { get; }

    public long DefaultGroup => Organization.RunnerGroupsOf("acme").Single(group => group.Default).Id;

    public static WorkflowSpec Workflow(params JobSpec[] jobs) => new("ci", jobs);

    /// <summary>Lets enough time pass for whatever can be assigned to be assigned.</summary>
    public void Settle() => Pass(TimeSpan.FromSeconds(3));

    public void Pass(TimeSpan time)
    {
        Clock.Advance(time);
        Organization.Advance();
    }

    public Job Queue(params string[] labels) =>
        Queue(new JobSpec("build") { RunsOn = labels.Length == 0 ? JobSpec.SelfHosted : labels });

    public Job Queue(JobSpec job, string repository = "acme/app") =>
        Organization.JobsOf(Organization.QueueRun(repository, Workflow(job)).Id).Single();

    public JitRegistration Register(string name, params string[] labels) =>
        RegisterAt("acme", name, DefaultGroup, labels);

    public JitRegistration RegisterAt(string scope, string name, long group, params string[] labels) =>
        Organization.CreateJitConfig(scope, new JitRequest(name, group, labels.Length == 0 ? ["self-hosted"] : labels));

    public RunnerSession Connect(string name, params string[] labels) =>
        Organization.Connect(Register(name, labels).EncodedJitConfig)!;

    /// <summary>Connects a runner and lets it pick up whatever it is given.</summary>
    public RunnerSession Run(Job job, string name = "r1")
    {
        var session = Connect(name, [.. job.Labels]);
        Settle();
        Assert.Equal(job.Id, Organization.TryTake(session)?.Id);
        return session;
    }

    public Job Now(Job job) => Organization.FindJob(job.Id)!;

    public Run Now(Run run) => Organization.FindRun(run.Id)!;

    public static int Refused(Action act) => Assert.Throws<GitHubRefusal>(act).StatusCode;
}
