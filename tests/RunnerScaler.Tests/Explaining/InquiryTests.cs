using RunnerScaler.Explaining;

namespace RunnerScaler.Tests.Explaining;

/// <summary>What people write is understood, or it is said what to write.</summary>
public sealed class InquiryTests
{
    private const string Acme = "?repository=https%3A%2F%2Fgithub.com%2Facme%2Fapp";

    [Theory]
    [InlineData("https://github.com/acme/app/actions/runs/7/job/9", "/api/v1/jobs/9" + Acme)]
    [InlineData("https://github.com/acme/app/actions/runs/7/job/9?pr=3#step:2:1", "/api/v1/jobs/9" + Acme)]
    [InlineData("https://github.com/acme/app/runs/9?check_suite_focus=true", "/api/v1/jobs/9" + Acme)]
    [InlineData("https://github.com/acme/app/actions/runs/7", "/api/v1/runs/7" + Acme)]
    [InlineData("https://github.com/acme/app/actions/runs/7/", "/api/v1/runs/7" + Acme)]
    [InlineData("https://github.com/acme/app/actions/runs/7/attempts/2", "/api/v1/runs/7" + Acme)]
    [InlineData("http://ghes.example.com:81/a/b/actions/runs/7",
        "/api/v1/runs/7?repository=http%3A%2F%2Fghes.example.com%3A81%2Fa%2Fb")]
    [InlineData("Acme/App#7", "/api/v1/runs/7?repository=Acme%2FApp")]
    [InlineData("linux", "/api/v1/pools/here/linux /api/v1/pods/here/linux")]
    [InlineData("ci/linux-3", "/api/v1/pools/ci/linux-3 /api/v1/pods/ci/linux-3")]
    public void WhatIsUnderstood(string text, string paths)
    {
        var inquiry = Assert.IsType<Inquiry.Understood>(Inquiry.Read(text, "here"));
        Assert.Equal(paths, string.Join(' ', inquiry.Paths));
    }

    [Theory]
    [InlineData("7", "a number alone")]
    [InlineData("acme/app#", "no OWNER/REPO#RUN")]
    [InlineData("acme/app#-1", "no OWNER/REPO#RUN")]
    [InlineData("acme/app#1#2", "no address, and no name")]
    [InlineData("acme#1", "no OWNER/REPO#RUN")]
    [InlineData("Acme/App", "no address, and no name")]
    [InlineData("a/b/c", "no address, and no name")]
    [InlineData("../secrets", "no address, and no name")]
    [InlineData("a/", "no address, and no name")]
    [InlineData("https://github.com/acme/app", "no address of a job or a run")]
    [InlineData("https://github.com/acme/app/pull/3", "no address of a job or a run")]
    [InlineData("https://github.com/acme/app/actions/runs/x", "none of GitHub's")]
    [InlineData("https://github.com/ac me/app/actions/runs/7", "none of GitHub's")]
    [InlineData("https://me:secret@github.com/acme/app/actions/runs/7", "no address of a job or a run")]
    [InlineData("file:///acme/app/actions/runs/7", "no address of a job or a run")]
    [InlineData("javascript://x", "no address of a job or a run")]
    public void WhatIsNot(string text, string why)
    {
        var wrong = Assert.IsType<Inquiry.Wrong>(Inquiry.Read(text, "here"));
        Assert.Contains(why, wrong.Why, StringComparison.Ordinal);
        Assert.EndsWith($"Write {Inquiry.Forms}.", wrong.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsQuotedIsBoundedAndPlain()
    {
        var wrong = Assert.IsType<Inquiry.Wrong>(Inquiry.Read("\u001b[31m\u202e" + new string('x', 10_000), "here"));
        Assert.InRange(wrong.Why.Length, 1, 400);
        Assert.DoesNotContain(wrong.Why, c => char.IsControl(c) || c == '\u202e');
    }
}
