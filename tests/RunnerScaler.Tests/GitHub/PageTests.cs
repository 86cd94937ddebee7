using System.Net;
using RunnerScaler.GitHub.Http;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

/// <summary>Where a list goes on is the server's word, below the API's root and nowhere else.</summary>
public sealed class PageTests
{
    private readonly GitHubRig bench = new();

    private static RegistrationTarget Target => new(GitHubRig.Account, "acme", null);

    [Theory]
    [InlineData("<https://api.github.com/a?page=2>; rel=\"next\"", "a?page=2")]
    [InlineData("<https://api.github.com/a?page=9>; rel=\"last\", </a?page=2>; rel=next", "a?page=2")]
    [InlineData("<https://API.github.com:443/a?labels=x,y&page=2>; foo=\"bar\"; rel=\"next\"", "a?labels=x,y&page=2")]
    [InlineData("<https://api.github.com/a?page=1>; rel=\"prev\"", "None")]
    [InlineData("<>; rel=\"previous-next-thing\"", "None")]
    [InlineData("<https://evil.example/a?page=2>; rel=\"next\"", "Elsewhere")]
    [InlineData("<http://api.github.com/a?page=2>; rel=\"next\"", "Elsewhere")]
    [InlineData("<https://api.github.com:444/a?page=2>; rel=\"next\"", "Elsewhere")]
    [InlineData("<https://user:pw@api.github.com/a?page=2>; rel=\"next\"", "Elsewhere")]
    [InlineData("<//evil.example/a>; rel=\"next\"", "Elsewhere")]
    [InlineData("<file:///etc/passwd>; rel=\"next\"", "Elsewhere")]
    [InlineData("nonsense", "None")]
    [InlineData("<https://api.github.com///evil.example/a>; rel=\"next\"", "Elsewhere")]
    [InlineData("<https://api.github.com/https://evil.example/a>; rel=\"next\"", "Elsewhere")]
    [InlineData(null, "Unsaid")]
    public void TheNextPageIsBelowTheRoot(string? link, string expected) =>
        Assert.Equal(expected, Next("https://api.github.com/", "https://api.github.com/x", link));

    [Theory]
    [InlineData("https://ghes.example/api/v3/orgs/a/repos?page=2", "orgs/a/repos?page=2")]
    [InlineData("https://ghes.example/api/v3/../internal?page=2", "Elsewhere")]
    [InlineData("https://ghes.example/api/uploads?page=2", "Elsewhere")]
    public void AServersApiHasItsRoot(string address, string expected) => Assert.Equal(
        expected,
        Next("https://ghes.example/api/v3/", "https://ghes.example/api/v3/x", $"<{address}>; rel=\"next\""));

    [Theory]
    [InlineData("https://api.github.com")]
    [InlineData("https://proxy.example")]
    public async Task AShortPageIsNotTheLast(string site)
    {
        Serve(99, site);

        Assert.Equal(250, (await bench.Registrar.ListAsync(Target, GitHubRig.Cancel))!.Count);
        Assert.Equal(250, (await bench.Registrar.ListAsync(Target, GitHubRig.Cancel))!.Count);
    }

    [Fact]
    public async Task AnEndlessListEnds()
    {
        bench.GitHub.Intercept = (_, path) => path.Contains("/actions/runners", StringComparison.Ordinal)
            ? Linked(Page(1, 100, 250), path, "https://api.github.com" + path)
            : null;
        Assert.Null(await bench.Registrar.ListAsync(Target, GitHubRig.Cancel));
        Assert.InRange(bench.GitHub.Count("/actions/runners"), 1, 3);

        var page = 0;
        bench.GitHub.Intercept = (_, path) => path.Contains("/actions/runners", StringComparison.Ordinal)
            ? Linked(Page(1, 100, 250), path, $"https://api.github.com/orgs/acme/actions/runners?page={page++}")
            : null;
        Assert.Null(await bench.Registrar.ListAsync(Target, GitHubRig.Cancel));
        Assert.InRange(page, 100, 600);
    }

    [Fact]
    public async Task ATotalThatNeverAgreesIsWrong()
    {
        bench.GitHub.Intercept = (_, path) => path.Contains("/actions/runners", StringComparison.Ordinal)
            ? FakeGitHub.Json(new { total_count = 5, runners = Page(1, 100, 3) })
            : null;

        Assert.Null(await bench.Registrar.ListAsync(Target, GitHubRig.Cancel));
        Assert.Equal(3, (await bench.Registrar.ListAsync(Target, GitHubRig.Cancel))!.Count);
    }

    [Fact]
    public async Task ShortPagesOfRunsAndRepositoriesAreReadToTheirEnd()
    {
        for (var i = 1; i <= 120; i++)
            bench.GitHub.AddRun($"r{i}", i, "queued", new FakeJob(i, "queued"));
        for (var i = 200; i < 320; i++)
            bench.GitHub.AddRun("r1", i, "queued", new FakeJob(i, "queued"));
        bench.GitHub.LargestPage = 99;

        var seen = new List<JobObservation>(await bench.ReadAsync());
        for (var i = 0; i < 10; i++)
            seen.AddRange(await bench.ReadAfterAsync(1));

        Assert.Equal(120, seen.OfType<JobObservation.AccountRead>().Last().Repositories.Length);
        Assert.Equal(
            121, seen.OfType<JobObservation.RepositoryRead>().Last(r => r.Repository.Name == "r1").Jobs.Length);
    }

    [Theory]
    [InlineData("a?b=c&per_page=100", 0, "a?b=c&per_page=25")]
    [InlineData("a?per_page=100&page=3", 200, "a?per_page=25&page=9")]
    [InlineData("a?per_page=100&page=3", 198, null)]
    [InlineData("a?per_page=25&page=3", 50, null)]
    [InlineData("a?per_page=30", 0, null)]
    [InlineData("a?cursor=x", 0, null)]
    public void ASmallerPageBeginsWithTheSameEntry(string page, int before, string? smaller) =>
        Assert.Equal(smaller, new PageAddress(page).Smaller(25, before)?.Path);

    [Fact]
    public async Task AShortPageAndOneThatFailsTogetherDropNothing()
    {
        for (var i = 0; i < 6; i++)
            bench.GitHub.Repositories.Add(new FakeRepository($"r{i}"));
        bench.GitHub.LargestPage = 2;
        var before = (await bench.ReadAsync()).OfType<JobObservation.AccountRead>().Last();
        bench.GitHub.Intercept = (_, path) =>
            path.StartsWith("/orgs/acme/repos?", StringComparison.Ordinal)
            && path.Contains("per_page=100", StringComparison.Ordinal)
            && path.Contains("&page=2", StringComparison.Ordinal)
                ? FakeGitHub.Refusal(HttpStatusCode.BadGateway)
                : null;

        var after = (await bench.ReadAfterAsync(61)).OfType<JobObservation.AccountRead>().Last();

        Assert.Equal(6, before.Repositories.Length);
        Assert.Equal(6, after.Repositories.Length);
    }

    private static object[] Page(int number, int size, int of) =>
    [
        .. Enumerable.Range(1, of).Skip((number - 1) * size).Take(size)
            .Select(id => new { id, name = $"r{id}", status = "offline", busy = false }),
    ];

    private static HttpResponseMessage Linked(object[] runners, string path, string next)
    {
        var answer = FakeGitHub.Json(new { total_count = 250, runners });
        answer.Headers.TryAddWithoutValidation("Link", $"<{next}>; rel=\"next\"");
        answer.Headers.TryAddWithoutValidation("X-Path", path);
        return answer;
    }

    private static string Next(string root, string asked, string? link)
    {
        using var answer = new HttpResponseMessage(HttpStatusCode.OK);
        if (link is not null)
            answer.Headers.TryAddWithoutValidation("Link", link);
        var next = NextPage.Of(answer, new Uri(root), new Uri(asked));
        return next.Kind == NextPageKind.Here ? next.Path : $"{next.Kind}";
    }

    /// <summary>250 runners, on pages that are one short each.</summary>
    private void Serve(int size, string site) => bench.GitHub.Intercept = (_, path) =>
    {
        if (!path.Contains("/actions/runners", StringComparison.Ordinal))
            return null;
        var number = path.Split("&page=") is [_, var n] ? int.Parse(n, null) : 1;
        var answer = FakeGitHub.Json(new { total_count = 250, runners = Page(number, size, 250) });
        var next = $"<{site}/orgs/acme/actions/runners?per_page=100&page={number + 1}>; rel=\"next\"";
        answer.Headers.TryAddWithoutValidation(
            "Link", number * size < 250 ? next : $"<{site}/orgs/acme/actions/runners?page=1>; rel=\"first\"");
        return answer;
    };
}
