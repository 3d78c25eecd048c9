// Invented papers in the styles that offices publish, for the tests of the import. No sentence is taken from a real
// publication; the places and bodies do not exist.

/** A report with every level, groups as chapters, numbered measures, a repeat of the unfinished, contact lines. */
export const fullReport = `中共青溪县水务局党组关于县委巡察整改进展情况的通报

根据县委统一部署，2024年3月4日至4月30日，县委第三巡察组对县水务局党组开展了巡察。6月12日反馈了巡察意见。按照要求，现将整改进展情况予以公布。
一、党组履行巡察整改主体责任情况
（一）加强组织领导。局党组先后召开6次会议，研究解决整改中责任落实不到位的难点。
（二）坚持立行立改。组织集中学习会议12次，讲授专题党课5次，召开专题民主生活会1次，修订完善制度18项，清退违规资金3.2万元。
二、巡察反馈问题整改落实情况
（一）关于“学习贯彻上级决策部署不够深入”方面的问题
1．关于“河湖保护目标分解不细”的问题。
整改情况：（1）重新分解任务。把目标分到各股室。
（2）按月调度。每月通报一次。
整改状态：已完成。
2．关于“项目前期工作推进缓慢”的问题。
整改情况：首先，建立清单；其次，专班推进；最后，定期回访。
责任单位：规划股；责任人：李某
完成时限：2024年12月底前
整改状态：阶段性完成。
（二）关于管党治党责任压得不实的问题（已完成）
1.压实责任。党组书记带头谈话。
2.完善制度。出台谈心谈话办法。
三、尚未完成的整改任务及下一步打算
1.关于“项目前期工作推进缓慢”的问题。下一步继续推进，加强对进度滞后项目的督办。
四、移交问题线索办理情况
1.反映下属站所违规发放补贴的问题线索，正在核查。
五、下一步工作
（一）持续抓好后续整改，防止问题反弹。
截至目前，巡察反馈的26个问题，已完成整改24个，基本完成2个，完成率92.31%。
联系电话：0000-1234567；电子邮箱：qx@example.invalid
中共青溪县水务局党组
2024年9月3日
`;

/** A plan that is no template: responsible body and deadline on one line, measures numbered by lines. */
export const townPlan = `石桥乡党委关于落实县委巡察反馈意见的整改工作方案
为做好整改，特制定如下方案。
一、总体要求
（一）提高认识，切实解决整改不力的问题。
二、整改任务
（一）贯彻落实上级决策部署方面
1、产业规划不够长远
具体表现：一是没有论证；二是随意更改。
整改措施：
（1）请专家论证；
（2）报乡人大审议。
责任领导：张某    责任单位：乡农业中心    整改时限：2025年6月底
2、“一事一议”程序走样，群众知晓率低
整改措施：规范程序，公开结果。
责任单位：乡党政办
完成时限：立行立改
三、保障措施
（一）加强领导。对整改不力的严肃问责。
`;

/** A feedback notice with numbered issues under 存在的主要问题, and demands that are none. */
export const numberedFeedback = `县委第一巡察组向县林业局党组反馈巡察情况
近日，县委第一巡察组向县林业局党组反馈了巡察情况。巡察发现的主要问题如下：
一、落实上级决策部署有差距
（一）造林计划执行不严
（二）林长制流于形式
二、“两个责任”压得不实
（一）廉政谈话走过场。
三、意见建议
（一）提高站位，解决执行不严的问题。
（二）压实责任，坚决纠正走过场现象。
`;

/** Units in paragraphs, bare colon after the name, items parted by semicolons. */
export const unitParagraphs = `八届市委第五轮巡察对市档案馆党组、市粮食局党组等2家单位开展了常规巡察，现公布反馈情况。
市档案馆党组存在的突出问题：1.库房管理不规范；2.干部培养断层、人手不足；3.警示教育针对性不强。
市粮食局党组存在的主要问题有：监管责任落实不到位；选人用人把关不严；“三公”经费管理有漏洞。
针对上述问题，巡察组提出要求：一是提高站位，不得敷衍。二是严肃问责，决不允许整改不到位。
`;

/** One list in a sentence, with quotes that hold the separator; the pledge that follows is none. */
export const listInSentence = `【反馈】区委第四巡察组向城投公司党总支反馈巡察情况
会上，组长王某代表巡察组指出了党总支把关定向作用发挥不充分、“三重一大”执行“先斩后奏、边干边报”情况未根治、（下属公司、合资公司）监管缺位等3个方面11个具体问题。
城投公司党总支书记表示，将针对问题不足，一是深刻反思，决不回避不足；二是压实责任。
`;

/** News of a meeting that talks of problems all the time. */
export const meetingNews = `11月3日，柳河镇召开巡察整改工作推进会，镇党委书记主持会议。
会议指出，当前整改工作还存在以下问题：一是思想认识不到位；二是台账不规范；三是进度滞后。
会议要求，要聚焦责任落实不到位、作风不实、监管缺失等问题，逐项整改销号。
`;

/** Figures of a round, no list of issues. */
export const roundFigures = `日前，九届县委第三轮巡察4个巡察组完成对12家单位的反馈。本轮巡察共发现问题二百零六个，移交立行立改问题18个、\
问题线索7件9人，提出意见建议41条，开展个别谈话1,204人次，实地走访，受理信访件33件。集中整改期限为三个月。
`;

/** Issues headed by bare lines without numbers. */
export const bareHeadings = `关于市博物馆党支部巡察整改落实情况的报告
现将整改落实情况报告如下：
关于“馆藏账目不清”的问题
整改情况：一是逐件清点。二是补登账目。
关于“讲解员培训不足”的问题
整改情况：开办培训班2期。
`;

/** A round in which each organisation is a chapter of its own. */
export const unitChapters = `九届区委第二轮巡察反馈情况
区委第二轮巡察对区档案馆、区残联党组等3家单位开展了常规巡察。
一、区档案馆
（一）理论学习不深。
（二）库房安全存在隐患。
二、区残联党组
1.康复资金发放不及时
2.“一站式”服务不到位
`;

/** Points on lines of their own after an announcement, then suggestions that are no issues. */
export const seriesOnLines = `县委巡察组向县文旅局党组反馈巡察情况。
巡察反馈指出，县文旅局党组还存在一些问题，主要表现在以下三个方面：
一是党建引领作用发挥不够。学习制度坚持不好。
二是景区监管缺位，安全隐患排查不彻底；
三是干部队伍结构不优。
同时，巡察组还收到反映一些领导干部的问题线索5件，已按规定转县纪委监委处理。
巡察组提出了4条意见建议：一是压实责任。二是解决好薄弱问题。
`;

/** A page whose line ends were lost when it was saved. */
export const flattened =
  '现将巡察整改情况通报如下。一、组织整改情况 我局高度重视。' +
  '二、巡察反馈问题整改情况 （一）党的建设弱化问题 1.“三会一课”不规范。' +
  '整改情况：一是补课。二是抽查。 2.党费收缴不及时。整改情况：逐月收缴。三、下一步工作 抓好后续。\n';
