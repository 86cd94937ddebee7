using System.Net;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Sandbox;

/// <summary>What the sandbox's GitHub does to credentials, names and limits, as the real one does.</summary>
public sealed class RestAccessTests
{
    private const string Jit = "orgs/acme/actions/runners/generate-jitconfig";

    [Fact]
    public async Task ANewTokenIsNotKnownAtOnce()
    {
        await using var box = await RestBox.StartAsync();
        box.Faults.Plan = new FaultPlan { TokenReplication = TimeSpan.FromSeconds(2) };
        var token = box.Token();

        Assert.Equal(HttpStatusCode.Unauthorized, (await box.GetAsync("repos/acme/app", token)).StatusCode);
        box.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, (await box.GetAsync("repos/acme/app", token)).StatusCode);
    }

    [Fact]
    public async Task ASuspendedInstallationIsRefusedUntilItIsNot()
    {
        await using var box = await RestBox.StartAsync();
        var token = box.Token();
        box.Organization.Credentials.Suspend(box.Installation);

        var refused = await box.GetAsync("repos/acme/app", token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("suspended", $"{await RestBox.JsonAsync(refused)}", StringComparison.Ordinal);
        var mint = $"app/installations/{box.Installation.Id}/access_tokens";
        Assert.Equal(HttpStatusCode.Forbidden, (await box.SendAsync(HttpMethod.Post, mint, box.Jwt())).StatusCode);
        var shown = await box.JsonAsync("orgs/acme/installation", box.Jwt());
        Assert.Equal(RestBox.Start, shown.GetProperty("suspended_at").GetDateTimeOffset());

        box.Organization.Credentials.Suspend(box.Installation, suspended: false);
        Assert.Equal(HttpStatusCode.OK, (await box.GetAsync("repos/acme/app", token)).StatusCode);
    }

    [Fact]
    public async Task AnOldNameLeadsToTheRepositoryUntilItIsGone()
    {
        await using var box = await RestBox.StartAsync();
        var id = box.Organization.RenameRepository("acme/site", "service").Id;

        // This client follows by itself, without its token: the repository is public.
        var read = await box.GetAsync("repos/acme/site/actions/runs?status=queued", box.Token());
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.EndsWith(
            $"/repositories/{id}/actions/runs?status=queued",
            $"{read.RequestMessage!.RequestUri}",
            StringComparison.Ordinal);
        var shown = await box.JsonAsync($"repositories/{id}", box.Token());
        Assert.Equal("service", shown.GetProperty("name").GetString());

        box.Organization.DeleteRepository("acme/service");
        Assert.Equal(HttpStatusCode.NotFound, (await box.GetAsync("repos/acme/site", box.Token())).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await box.GetAsync($"repositories/{id}", box.Token())).StatusCode);
    }

    [Fact]
    public async Task RegistrationsMayBeCountedByThemselves()
    {
        await using var box = await RestBox.StartAsync(new RestLimits { CorePerHour = 1, RegistrationsPerHour = 2 });
        var token = box.Token();
        var group = box.Organization.RunnerGroupsOf("acme").Single().Id;
        await box.GetAsync("repos/acme/app", token);
        Assert.Equal(HttpStatusCode.Forbidden, (await box.GetAsync("repos/acme/app", token)).StatusCode);

        var first = await RegisterAsync("r1");
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(
            "actions_runner_registration", first.Headers.GetValues("x-ratelimit-resource").Single());
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync("r2")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await RegisterAsync("r3")).StatusCode);

        Task<HttpResponseMessage> RegisterAsync(string name) => box.SendAsync(
            HttpMethod.Post, Jit, token, new { name, runner_group_id = group, labels = new[] { "x" } });
    }

    [Fact]
    public async Task ThrottlingMaySayWhatMakesNoSense()
    {
        await using var box = await RestBox.StartAsync();
        box.Faults.Plan = new FaultPlan { RetryAfterText = "99999999999" };
        box.Faults.Order(RestFault.Throttled, "/repos");

        var throttled = await box.GetAsync("repos/acme/app", box.Token());

        Assert.Equal("99999999999", throttled.Headers.NonValidated["Retry-After"].ToString());
        Assert.Equal(RestBox.Start, throttled.Headers.Date);
    }
}
