using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Tests.Kubernetes.Pools;

public sealed class RunnerPoolReaderTests
{
    private const string Fed = """{"credentialsSecret":"s","feed":"ScaleSet","serves":""";

    [Fact]
    public void TheLeastSpecIsReadWithItsDefaults()
    {
        var read = PoolJson.Read(PoolJson.Least);
        Assert.Null(read.Problem);
        var pool = read.Pool!;
        Assert.Equal((new PoolKey("ci", "linux"), 3L), (read.Key, read.Generation));
        Assert.Equal(new AccountKey("ci", "github-app", "https://github.com"), pool.Account);
        Assert.Equal((20, null), (pool.MaxRunners, pool.MaxRunnersPerRepository));
        Assert.Equal(WarmSettings.None with { Schedules = pool.Warm.Schedules }, pool.Warm);
        Assert.Equal(new Deadlines(), pool.Deadlines);
        Assert.Equal((0, false), (pool.Priority, pool.Deleting));
    }

    [Fact]
    public void EveryFieldIsRead()
    {
        var pool = PoolJson.Read(PoolJson.Full).Pool!;
        Assert.Equal(
            [ScopeKind.Organization, ScopeKind.EachRepository, ScopeKind.Repository], pool.Serves.Select(s => s.Kind));
        Assert.Equal("Builds", pool.Serves[0].RunnerGroup);
        Assert.Equal(["app", "lib"], pool.Serves[0].Only.Order());
        Assert.Equal(LabelSet.Of("linux", "self-hosted"), pool.Labels);
        Assert.Equal(8, pool.MaxRunnersPerRepository);
        Assert.Equal((2, 1), (pool.Warm.Standby, pool.Warm.Idle));
        var window = Assert.Single(pool.Warm.Schedules);
        Assert.Equal([DayOfWeek.Monday, DayOfWeek.Sunday], window.Days);
        Assert.Equal((new TimeOnly(8, 0), new TimeOnly(18, 30), 10), (window.From, window.To, window.Standby));
        Assert.Equal("Europe/Zurich", window.Zone.Id);
        Assert.Equal(-3, pool.Priority);
        Assert.Equal(
            new Deadlines
            {
                Start = TimeSpan.FromMinutes(90),
                Register = TimeSpan.FromSeconds(90),
                Assign = TimeSpan.FromMinutes(7),
                Idle = TimeSpan.FromMinutes(5),
                Job = TimeSpan.FromHours(24),
            },
            pool.Deadlines);
    }

    [Fact]
    public void WithFeedScaleSetEachEntryHasASetAndThePoolAnAccountOfItsOwn()
    {
        var pool = PoolJson.Read(PoolJson.With("github", Fed + """
            [{"url":"https://github.com/alice/app"},
             {"url":"https://github.com/bob","scaleSetName":"Big","runnerGroup":"g"}]}
            """)).Pool!;
        Assert.Equal(["linux", "Big"], pool.Serves.Select(s => s.ScaleSetName));
        Assert.Equal(
            (new AccountKey("ci", "s", "https://github.com") { ScaleSetsOf = "linux" }, true),
            (pool.Account, pool.UsesScaleSets));
        Assert.Equal(new AccountKey("ci", "s", "https://github.com"), pool.Account.Credential);
    }

    [Fact]
    public void AnEnterpriseIsServedByAScaleSet()
    {
        var scope = Assert.Single(PoolJson.Read(PoolJson.With(
            "github", Fed + """[{"url":"https://github.com/Enterprises/Big","runnerGroup":"g"}]}""")).Pool!.Serves);
        Assert.Equal(
            (ScopeKind.Enterprise, "enterprises/big", "g", true),
            (scope.Kind, scope.Owner, scope.RunnerGroup, scope.RegistersAt(null)));
        Assert.True(scope.Covers(RepositoryKey.Of("https://github.com", "any", "app")));
    }

    [Fact]
    public void WhatGitHubAssignsToAnOrganisationsSetCannotBeLimitedByRepository()
    {
        string Limited(string url) => PoolJson.With("github", Fed + $$"""[{"url":"{{url}}"}]}""",
            PoolJson.With("limits.maxRunnersPerRepository", "3"));
        Assert.Contains(
            "maxRunnersPerRepository is set", PoolJson.Read(Limited("https://github.com/a")).Problem!.Message,
            StringComparison.Ordinal);
        Assert.Null(PoolJson.Read(Limited("https://github.com/a/b")).Problem);
    }

    [Fact]
    public void APoolThatIsBeingDeletedSaysSo() =>
        Assert.True(
            PoolJson.Read(PoolJson.Least, extra: ",\"deletionTimestamp\":\"2030-01-01T00:00:00Z\"").Pool!.Deleting);

    [Theory]
    [InlineData("github", null, "spec.github.credentialsSecret is missing")]
    [InlineData(
        "github.credentialsSecret", "\"Not A Name\"",
        "spec.github.credentialsSecret is \"Not A Name\": set the name of a Secret")]
    [InlineData("github.serves", "[]", "spec.github.serves has 0 entries: set 1 to 50")]
    [InlineData("github.serves", "\"x\"", "spec.github.serves is \"x\": set a list")]
    [InlineData("github.serves.0.url", "\"ftp://github.com/acme\"", "spec.github.serves[0].url is wrong:")]
    [InlineData("github.serves.0.url", "\"http://github.com/acme\"", "use https")]
    [InlineData("github.serves.0.url", null, "spec.github.serves[0].url is missing")]
    [InlineData(
        "github.serves", """[{"url":"https://github.com/a"},{"url":"https://ghes.example/b"}]""",
        "spec.github.serves[1].url is at https://ghes.example")]
    [InlineData(
        "github.serves", """[{"url":"https://github.com/a"},{"url":"https://github.com/A/"}]""", "is listed twice")]
    [InlineData(
        "github.serves", """[{"url":"https://github.com/a/b","runnerGroup":"x"}]""",
        "spec.github.serves[0].runnerGroup is set, but only organisations")]
    [InlineData(
        "github.serves", """[{"url":"https://github.com/a/b","repositories":["c"]}]""",
        "spec.github.serves[0].repositories is set")]
    [InlineData(
        "github.serves", """[{"url":"https://github.com/a","repositories":["a/c"]}]""",
        "spec.github.serves[0].repositories[0] is \"a/c\"")]
    [InlineData("github.feed", "\"Push\"", "spec.github.feed is \"Push\": set one of Poll, ScaleSet")]
    [InlineData("github.serves.0.url", "\"https://github.com/enterprises/big\"", "set spec.github.feed to ScaleSet")]
    [InlineData("github.serves.0.scaleSetName", "\"x\"", "set spec.github.feed to ScaleSet")]
    [InlineData("github", Fed + """[{"url":"https://github.com/a/*"}]}""", "serves[0].url is owner/*")]
    [InlineData(
        "github", Fed + """[{"url":"https://github.com/a","repositories":["b"]}]}""", "serves[0].repositories is set")]
    [InlineData(
        "github", Fed + """[{"url":"https://github.com/a","scaleSetName":"a b"}]}""", "scaleSetName is \"a b\"")]
    [InlineData(
        "github", Fed + """[{"url":"https://github.com/a"},{"url":"https://github.com/a/b"}]}""",
        "serves[1].url covers")]
    [InlineData(
        "github", Fed + """[{"url":"https://github.com/a"},{"url":"https://github.com/enterprises/b"}]}""",
        "serves[1].url covers")]
    [InlineData("labels", "[]", "spec.labels has 0 entries: set 1 to 100")]
    [InlineData("labels", """["a,b"]""", "spec.labels[0] is \"a,b\"")]
    [InlineData("labels", """[" a"]""", "spec.labels[0]")]
    [InlineData("labels", """["a\u0007"]""", "spec.labels[0]")]
    [InlineData("labels", """["a","A"]""", "spec.labels[1] is 'A' once more")]
    [InlineData("labels", "[7]", "spec.labels[0] is 7")]
    [InlineData("limits", "{}", "spec.limits.maxRunners is missing: set a whole number from 0 to 10000")]
    [InlineData("limits.maxRunners", "-1", "spec.limits.maxRunners is -1")]
    [InlineData("limits.maxRunners", "10001", "spec.limits.maxRunners is 10001")]
    [InlineData("limits.maxRunners", "2.5", "spec.limits.maxRunners is 2.5")]
    [InlineData("limits.maxRunners", "\"5\"", "spec.limits.maxRunners is \"5\"")]
    [InlineData("limits.maxRunnersPerRepository", "0", "spec.limits.maxRunnersPerRepository is 0")]
    [InlineData("warm.standby", "21", "spec.warm asks for 21 standby and 0 idle")]
    [InlineData("warm", """{"standby":15,"idle":6}""", "spec.limits.maxRunners is 20")]
    [InlineData(
        "warm", """{"schedules":[{"from":"08:00","to":"09:00","standby":21}]}""",
        "spec.warm.schedules[0].standby is 21")]
    [InlineData(
        "warm", """{"schedules":[{"from":"8:00","to":"09:00","standby":1}]}""",
        "spec.warm.schedules[0].from is \"8:00\"")]
    [InlineData(
        "warm", """{"schedules":[{"from":"08:00","to":"24:00","standby":1}]}""",
        "spec.warm.schedules[0].to is \"24:00\"")]
    [InlineData(
        "warm", """{"schedules":[{"days":["Monday"],"from":"08:00","to":"09:00","standby":1}]}""",
        "spec.warm.schedules[0].days[0] is \"Monday\": set one of Mon")]
    [InlineData(
        "warm", """{"schedules":[{"from":"08:00","to":"09:00","standby":1,"timeZone":"Mars/Base"}]}""",
        "spec.warm.schedules[0].timeZone is \"Mars/Base\"")]
    [InlineData("priority", "1e9", "spec.priority is 1e9")]
    [InlineData("deadlines.start", "\"0s\"", "spec.deadlines.start is \"0s\": set a time of 1s to 168h")]
    [InlineData("deadlines.assign", "\"0s\"", "spec.deadlines.assign is \"0s\": set a time of 1s to 168h")]
    [InlineData("deadlines.idle", "\"5 minutes\"", "spec.deadlines.idle is \"5 minutes\"")]
    [InlineData("deadlines.job", "\"1000h\"", "spec.deadlines.job is \"1000h\"")]
    [InlineData("deadlines", "[]", "spec.deadlines is []: set an object with fields")]
    public void ABrokenRuleIsNamedInOneSentence(string path, string? value, string sentence)
    {
        var read = PoolJson.Read(PoolJson.With(path, value));
        Assert.Null(read.Pool);
        Assert.Equal(ProblemReason.SpecInvalid, read.Problem!.Reason);
        Assert.Contains(sentence, read.Problem.Message, StringComparison.Ordinal);
    }

    /// <summary>While a release is rolled out, its definition is there before its controller is.</summary>
    [Theory]
    [InlineData("limit", "5", "spec.limit")]
    [InlineData("github.serves.0.group", "\"x\"", "spec.github.serves[0].group")]
    [InlineData("builder.rootless", "true", "spec.builder.rootless")]
    [InlineData("builder.resources.requests.gpu", "\"1\"", "spec.builder.resources.requests.gpu")]
    public void AFieldOfALaterReleaseIsLeftOutAndTold(string path, string value, string named)
    {
        var read = PoolJson.Read(PoolJson.With(path, value));
        var without = PoolJson.Read(PoolJson.Least);
        Assert.Null(read.Problem);
        Assert.Equal(without.Pool!.ToString(), read.Pool!.ToString());
        var notice = Assert.Single(read.Notices);
        Assert.Equal((Conditions.FieldsIgnored, true), (notice.Type, notice.Holds));
        Assert.Contains($"does not know {named}, and", notice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ManyFieldsOfALaterReleaseAreCounted()
    {
        var spec = Enumerable.Range(0, 500).Aggregate(PoolJson.Least, (s, i) => PoolJson.With($"field{i}", "1", s));
        var notice = Assert.Single(PoolJson.Read(spec).Notices);
        Assert.Contains("spec.field4 and 495 more", notice.Message, StringComparison.Ordinal);
        Assert.InRange(notice.Message.Length, 1, 1024);
    }

    [Fact]
    public void IdleRunnersNeedAPlaceToWait()
    {
        var spec = PoolJson.With(
            "warm.idle", "1", PoolJson.With("github.serves.0.url", "\"https://github.com/alice/*\""));
        Assert.Contains("spec.warm.idle is 1", PoolJson.Read(spec).Problem!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a-name-that-is-a-little-bit-longer-than-allowed")]
    [InlineData("has.dots")]
    public void ANameThatLeavesNoRoomForRunnersIsRefused(string name) =>
        Assert.StartsWith(
            "metadata.name", PoolJson.Read(PoolJson.Least, name).Problem!.Message, StringComparison.Ordinal);

    [Fact]
    public void ASpecThatIsNotThereIsAFault()
    {
        var (read, _) = RunnerScaler.Kubernetes.Pools.RunnerPoolReader.ReadWhole(
            PoolJson.Parse("""{"metadata":{"name":"p","namespace":"ci"}}"""), new());
        Assert.Equal("spec is missing: set github, labels and limits", read.Problem!.Message);
    }

    [Theory]
    [InlineData("[]", "spec.template is []: set a pod template")]
    [InlineData("""{"containers":[]}""", "spec.template.containers is no part of a pod template")]
    [InlineData("""{"metadata":{"name":"x"}}""", "spec.template.metadata.name cannot be set")]
    [InlineData("""{"metadata":{"labels":{"runnerscaler.io/slot":"1"}}}""", "sets 'runnerscaler.io/slot'")]
    [InlineData("""{"metadata":{"annotations":{"a":true}}}""", "put the value into quotation marks")]
    [InlineData("""{"spec":{"restartPolicy":"Always"}}""", "spec.template.spec.restartPolicy is \"Always\": set Never")]
    [InlineData("""{"spec":{"containers":{}}}""", "spec.template.spec.containers is {}: set a list")]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""", "spec.template.spec.containers[0].name is missing")]
    [InlineData("""{"spec":{"containers":["x"]}}""", "spec.template.spec.containers[0] is \"x\": set an object")]
    [InlineData("""{"spec":{"containers":[{"name":"main"}]}}""", "is the container 'main' without an image")]
    [InlineData(
        """{"spec":{"containers":[{"name":"runner"},{"name":"runner"}]}}""",
        "is a second entry with the name 'runner'")]
    [InlineData(
        """{"spec":{"containers":[{"name":"runner","env":[{"name":"RUNNERSCALER_CLAIM_URL","value":"x"}]}]}}""",
        "sets RUNNERSCALER_CLAIM_URL")]
    [InlineData(
        """
        {"spec":{"containers":[
          {"name":"runner","volumeMounts":[{"name":"v","mountPath":"/var/run/secrets/runnerscaler/"}]}]}}
        """,
        "choose another path")]
    [InlineData(
        """{"spec":{"containers":[{"name":"runner","envFrom":[{"prefix":"RUNNERSCALER_X","secretRef":{}}]}]}}""",
        "begin with RUNNERSCALER_")]
    [InlineData("""{"spec":{"containers":[{"name":"runner","ports":[{"name":"p"}]}]}}""", "containerPort")]
    [InlineData(
        """{"spec":{"containers":[{"name":"runner","ports":[{"name":"metrics","containerPort":9}]}]}}""", "rename it")]
    [InlineData("""{"spec":{"volumes":[{"name":"runnerscaler-deploy","emptyDir":{}}]}}""", "give it another")]
    [InlineData(
        """
        {"spec":{"initContainers":[{"name":"buildkitd",
          "volumeMounts":[{"name":"v","mountPath":"/var/run/secrets/runnerscaler-deploy"}]}]}}
        """,
        "choose another path")]
    [InlineData("""{"spec":{"volumes":[{"name":"runnerscaler-claim","emptyDir":{}}]}}""", "give it another")]
    [InlineData("""{"spec":{"$patch":"replace"}}""", "uses $patch")]
    public void ATemplateThatIsNoPodIsRefused(string template, string sentence) =>
        Assert.Contains(
            sentence, PoolJson.Read(PoolJson.With("template", template)).Problem!.Message, StringComparison.Ordinal);

    [Fact]
    public void ATemplateMayHaveFieldsThatNobodyKnowsYet() =>
        Assert.Null(
            PoolJson.Read(PoolJson.With("template", """{"spec":{"newField":{"a":[1,2]},"hostUsers":false}}"""))
                .Problem);
    [Theory]
    [InlineData("/var/run/../run/secrets/runnerscaler")]
    [InlineData("/run/secrets/runnerscaler")]
    [InlineData("/run/secrets/runnerscaler/")]
    [InlineData("//var//run/./secrets/runnerscaler-builder/x")]
    [InlineData("/var/run/secrets/x/../runnerscaler")]
    [InlineData("var/run/secrets/runnerscaler")]
    [InlineData("/../var/run/secrets/runnerscaler")]
    [InlineData("/var/lock/../secrets/runnerscaler")]
    [InlineData("/var/./run/secrets/runnerscaler-deploy/..//runnerscaler-registry")]
    public void APathIsWhatTheKernelMakesOfIt(string path)
    {
        (string, string)[] lists = [("volumeMounts", "mountPath"), ("volumeDevices", "devicePath")];
        foreach (var (list, key) in lists)
            Assert.Contains("choose another path", PoolJson.Read(PoolJson.With("template", $$$"""
                {"spec":{"containers":[{"name":"runner","{{{list}}}":[{"name":"v","{{{key}}}":"{{{path}}}"}]}]}}
                """)).Problem!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/var/run/secrets/runner")]
    [InlineData("/var/run/../secrets/runnerscaler")]
    [InlineData("/home/runner")]
    public void APathElsewhereIsTaken(string path) => Assert.Null(PoolJson.Read(PoolJson.With("template", $$$"""
        {"spec":{"containers":[{"name":"runner","volumeMounts":[{"name":"v","mountPath":"{{{path}}}"}]}]}}
        """)).Problem);

    [Fact]
    public void OnePlaceInTwoSpellingsIsOnePlace() => Assert.Contains(
        "in another spelling", PoolJson.Read(PoolJson.With("template", """
            {"spec":{"containers":[{"name":"runner","volumeMounts":[
              {"name":"a","mountPath":"/cache"},{"name":"b","mountPath":"/x/../cache/"}]}]}}
            """)).Problem!.Message, StringComparison.Ordinal);
}
