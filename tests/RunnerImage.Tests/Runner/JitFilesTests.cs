using System.Text;
using RunnerImage.Runner;

namespace RunnerImage.Tests.Runner;

public sealed class JitFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ItIsWrittenAsTheRunnerWould()
    {
        var files = JitFiles.Decode(Encode(
            """{".runner":"e30=",".credentials":"YQ==",".credentials_rsaparams":"Yg=="}"""));
        JitFiles.Write(folder.Path, files!);
        Assert.Equal("{}", File.ReadAllText(folder[".runner"]));
        Assert.Equal("a", File.ReadAllText(folder[".credentials"]));
        Assert.Equal("b", File.ReadAllText(folder[".credentials_rsaparams"]));
        Assert.All(Directory.GetFiles(folder.Path), f =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        Assert.Equal(3, Directory.GetFiles(folder.Path).Length);
    }

    /// <summary>What is not of the form known, or would be written elsewhere.</summary>
    [Theory]
    [InlineData("""{".credentials":"YQ=="}""")]
    [InlineData("""{".runner":"e30=","../.bashrc":"YQ=="}""")]
    [InlineData("""{".runner":"e30=","..":"YQ=="}""")]
    [InlineData("""{".runner":"e30=",".":"YQ=="}""")]
    [InlineData("""{".runner":"e30=","":"YQ=="}""")]
    [InlineData("""{".runner":"e30=","/etc/passwd":"YQ=="}""")]
    [InlineData("""{".runner":"e30=",".a/b":"YQ=="}""")]
    [InlineData("""{".runner":"e30=","run.sh":"YQ=="}""")]
    [InlineData("""{".runner":"not base64!"}""")]
    [InlineData("""{".runner":7}""")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{")]
    [InlineData("")]
    public void AnotherFormIsNotTaken(string json) => Assert.Null(JitFiles.Decode(Encode(json)));

    [Fact]
    public void WhatIsNotBase64IsNotTaken() => Assert.Null(JitFiles.Decode("{}"));

    private static string Encode(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json));
}
